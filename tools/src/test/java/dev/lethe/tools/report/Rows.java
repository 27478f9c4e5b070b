package dev.lethe.tools.report;

import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.results.Attack;
import dev.lethe.tools.report.results.Metric;
import dev.lethe.tools.report.results.ResultRow;
import dev.lethe.tools.report.results.ResultRow.Moment;
import dev.lethe.tools.report.results.ResultRow.Subject;
import dev.lethe.tools.report.results.Results;
import dev.lethe.tools.report.results.Summary;
import dev.lethe.tools.report.results.Summary.Stopped;
import dev.lethe.tools.report.results.Thresholds;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Results written down by hand, with attacks evaluated at steps 0, 10, 50 and 100.
public final class Rows {
    private static final long[] STEPS = {0, 10, 50, 100};

    private final boolean language;
    private final List<ResultRow> rows = new ArrayList<>();
    private final List<Summary.Model> compute = new ArrayList<>();

    private Rows(boolean language) {
        this.language = language;
    }

    public static Rows ofAccuracy() {
        return new Rows(false);
    }

    public static Rows ofCrossEntropy() {
        return new Rows(true);
    }

    private static Subject subject(String model, long seed) {
        boolean undo = model.startsWith("undo-");
        String method =
                undo ? "maxent" : model.matches("(unlearn|distill)-.*") ? model.split("-")[1] : "";
        return new Subject(
                "hand",
                seed,
                model,
                method,
                undo
                        ? OptionalDouble.of(Double.parseDouble(model.substring(5)))
                        : OptionalDouble.empty(),
                undo ? OptionalDouble.of(0.1) : OptionalDouble.empty());
    }

    /// A model before any attack.
    public Rows model(String model, long seed, double retain, double forget) {
        Subject subject = subject(model, seed);
        rows.add(
                ResultRow.before(
                        subject, language ? Metric.FORGET_CE : Metric.FORGET_ACCURACY, forget));
        rows.add(
                ResultRow.before(
                        subject, language ? Metric.RETAIN_CE : Metric.RETAIN_ACCURACY, retain));
        return this;
    }

    /// Its relearning at one rate; fewer heights than steps end the run without a word.
    public Rows relearn(String model, long seed, double rate, double... heights) {
        return attack(Attack.RELEARN, false, model, seed, rate, heights);
    }

    /// What returns of the untouched half.
    public Rows half(String model, long seed, double... heights) {
        return attack(Attack.RELEARN_HALF, true, model, seed, 1e-3, heights);
    }

    private Rows attack(
            Attack attack, boolean half, String model, long seed, double rate, double... heights) {
        Metric metric =
                language
                        ? half ? Metric.FORGET_HELDOUT_CE : Metric.FORGET_CE
                        : half ? Metric.FORGET_HELDOUT_ACCURACY : Metric.FORGET_ACCURACY;
        for (int i = 0; i < heights.length; i++) {
            Moment moment = moment(attack, rate, STEPS[i]);
            rows.add(ResultRow.during(subject(model, seed), moment, metric, heights[i]));
        }
        return this;
    }

    public Rows diverged(String model, long seed, double rate, long step) {
        Moment moment = moment(Attack.RELEARN, rate, step);
        rows.add(ResultRow.during(subject(model, seed), moment, Metric.DIVERGED, 1));
        return this;
    }

    private static Moment moment(Attack attack, double rate, long step) {
        return new Moment(attack, rate, step, OptionalLong.empty(), OptionalDouble.empty());
    }

    public Rows took(String model, long seed, long steps, Stopped stopped) {
        compute.add(new Summary.Model(model, seed, steps, 10 * steps, 1e9 * steps, 0, stopped));
        return this;
    }

    public Findings judgedBy(Thresholds thresholds) {
        return new Findings(new Results(rows), compute, thresholds);
    }

    /// A seed in which all claims hold, with these areas to step 50: unlearned 0.65, filter 0.17,
    /// distilled 0.26, students 0.26 and 0.45, UNDO 0.6, 0.5, 0.4 and 0.3.
    public static Rows whole(long seed) {
        Rows rows = ofAccuracy();
        rows.add(seed);
        return rows;
    }

    public Rows add(long seed) {
        model("base", seed, 1, 1);
        model("filter", seed, 1, 0).relearn("filter", seed, 1e-3, 0, 0.1, 0.3, 0.5);
        half("filter", seed, 0, 0.05, 0.1, 0.1);
        for (String method : List.of("graddiff", "maxent", "rmu")) {
            String unlearned = "unlearn-" + method;
            model(unlearned, seed, 0.98, 0).relearn(unlearned, seed, 1e-3, 0, 0.5, 1, 1);
            half(unlearned, seed, 0, 0.5, 0.6, 0.6);
            String distilled = "distill-" + method;
            model(distilled, seed, 0.97, 0).relearn(distilled, seed, 1e-3, 0, 0.2, 0.4, 0.6);
        }
        model("student-random", seed, 1, 0);
        relearn("student-random", seed, 1e-3, 0, 0.2, 0.4, 0.6);
        model("student-reference", seed, 1, 0);
        relearn("student-reference", seed, 1e-3, 0.45, 0.45, 0.45, 0.7);
        took("student-reference", seed, 650, Stopped.RULE);
        for (int i = 0; i < 4; i++) {
            String undo = "undo-0." + (2 + 2 * i);
            double height = 0.6 - 0.1 * i;
            model(undo, seed, 0.95, 0).relearn(undo, seed, 1e-3, height, height, height, 0.8);
            took(undo, seed, 30L << i, Stopped.RULE);
        }
        return this;
    }
}
