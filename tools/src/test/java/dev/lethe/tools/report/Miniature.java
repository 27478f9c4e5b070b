package dev.lethe.tools.report;

import dev.lethe.tools.report.results.Answers;
import dev.lethe.tools.report.results.Answers.About;
import dev.lethe.tools.report.results.Answers.Answer;
import dev.lethe.tools.report.results.Answers.Prompt;
import dev.lethe.tools.report.results.Attack;
import dev.lethe.tools.report.results.Metric;
import dev.lethe.tools.report.results.ResultRow;
import dev.lethe.tools.report.results.ResultRow.Moment;
import dev.lethe.tools.report.results.ResultRow.Subject;
import dev.lethe.tools.report.results.Results;
import dev.lethe.tools.report.results.Run;
import dev.lethe.tools.report.results.SeriesRow;
import dev.lethe.tools.report.results.Summary;
import dev.lethe.tools.report.results.Summary.Stopped;
import dev.lethe.tools.report.results.Thresholds;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;

/// Whole runs made up for tests, shaped like measured miniatures: curves that rise from where a
/// model stands to all that base can, at a pace of its own, with noise from the seed.
public final class Miniature {
    private static final List<Long> STEPS =
            List.of(0L, 1L, 2L, 5L, 10L, 20L, 35L, 50L, 75L, 100L, 150L, 200L);
    private static final List<Double> RATES = List.of(3e-4, 1e-3, 3e-3);
    private static final List<Long> HALF_STEPS = List.of(0L, 5L, 10L, 20L, 50L, 100L);

    /// @param forget before the attack
    /// @param half attack steps after which half of what is to return has returned
    /// @param heldOut what returns of the untouched half
    private record Shape(
            String name,
            String method,
            double alpha,
            double retain,
            double forget,
            double half,
            double heldOut,
            long steps,
            Stopped stopped) {}

    private static Shape shape(
            String name, String method, double retain, double forget, double half, double heldOut) {
        long steps = name.startsWith("unlearn") ? 200 : 1100;
        return new Shape(
                name, method, Double.NaN, retain, forget, half, heldOut, steps, Stopped.STEPS);
    }

    private static Shape undo(double alpha, double retain, double half, double out, long steps) {
        return new Shape(
                "undo-" + alpha, "maxent", alpha, retain, 0.004, half, out, steps, Stopped.RULE);
    }

    private static final List<Shape> SHAPES =
            List.of(
                    shape("base", "", 1, 1, 0.001, 1),
                    shape("filter", "", 1, 0.02, 98, 0.17),
                    shape("unlearn-graddiff", "graddiff", 0.965, 0.02, 7, 0.45),
                    shape("unlearn-maxent", "maxent", 0.996, 0.01, 1.9, 0.66),
                    shape("unlearn-rmu", "rmu", 0.989, 0.02, 3.2, 0.65),
                    shape("unlearn-maxent-sam", "maxent", 0.991, 0.01, 2.5, 0.64),
                    shape("unlearn-maxent-repnoise", "maxent", 0.972, 0.0, 6, 0.55),
                    shape("student-random", "", 1, 0.02, 62, 0.18),
                    new Shape(
                            "student-reference",
                            "",
                            Double.NaN,
                            1,
                            0.02,
                            27,
                            0.38,
                            650,
                            Stopped.RULE),
                    shape("distill-graddiff", "graddiff", 0.972, 0.01, 70, 0.18),
                    shape("distill-maxent", "maxent", 0.995, 0.01, 80, 0.12),
                    shape("distill-rmu", "rmu", 0.985, 0.01, 26, 0.21),
                    undo(0.2, 0.96, 4.5, 0.62, 30),
                    undo(0.4, 0.955, 10, 0.49, 60),
                    undo(0.6, 0.959, 20, 0.42, 200),
                    undo(0.8, 0.956, 55, 0.18, 440));

    private final boolean language;
    private final String experiment;
    private final List<ResultRow> rows = new ArrayList<>();
    private final List<Summary.Model> models = new ArrayList<>();
    private final List<SeriesRow> series = new ArrayList<>();
    private final List<Answer> answers = new ArrayList<>();
    private final List<Prompt> prompts;

    private Miniature(boolean language) {
        this.language = language;
        this.experiment = language ? "language-miniature" : "arithmetic-miniature";
        this.prompts =
                language
                        ? textPrompts()
                        : List.of(
                                new Prompt("7*8=", "56", About.FORGET),
                                new Prompt("12*9=", "108", About.FORGET),
                                new Prompt("63/7=", "9", About.FORGET),
                                new Prompt("144/12=", "12", About.FORGET),
                                new Prompt("17+25=", "42", About.RETAIN),
                                new Prompt("30-14=", "16", About.RETAIN));
    }

    private static List<Prompt> textPrompts() {
        return List.of(
                new Prompt("이 문서는 ", null, About.FORGET),
                new Prompt("파일을 저장하려면 ", null, About.FORGET),
                new Prompt("To open the file, ", null, About.RETAIN));
    }

    public static Run arithmetic(long... seeds) {
        return new Miniature(false).run(Thresholds.ofAccuracy(50, 0.1), seeds);
    }

    public static Run language(long... seeds) {
        return new Miniature(true).run(Thresholds.ofCrossEntropy(50, 0.25), seeds);
    }

    private Run run(Thresholds thresholds, long... seeds) {
        List<Long> all = new ArrayList<>();
        for (long seed : seeds) {
            all.add(seed);
            Random random = new Random(seed);
            SHAPES.forEach(shape -> model(shape, seed, random));
            students(seed, random);
        }
        Summary summary =
                new Summary(
                        experiment,
                        all,
                        "cpu",
                        "f32",
                        2,
                        512.25,
                        1_234_567_890L,
                        models,
                        List.of(),
                        thresholds,
                        new TreeMap<>(Map.of("lethe", "0.1.0", "java", "25.0.3")));
        return new Run(
                new Results(rows),
                summary,
                series,
                new Answers(prompts, answers),
                "experiment: " + experiment + "\nattack:\n  horizon: 50  # <steps> & \"rates\"\n");
    }

    private void model(Shape shape, long seed, Random random) {
        Subject subject =
                new Subject(
                        experiment,
                        seed,
                        shape.name,
                        shape.method,
                        optional(shape.alpha),
                        optional(Double.isNaN(shape.alpha) ? Double.NaN : 0.1));
        before(subject, shape);
        models.add(
                new Summary.Model(
                        shape.name,
                        seed,
                        shape.steps,
                        shape.steps * 2100,
                        shape.steps * 4.5e9,
                        shape.name.matches("(student|distill|undo).*") ? shape.steps * 1.5e9 : 0,
                        shape.stopped));
        if (shape.name.equals("base")) {
            return;
        }
        double pace = shape.half * Math.exp(0.1 * random.nextGaussian());
        for (double rate : RATES) {
            boolean diverges =
                    rate == 3e-3 && shape.name.equals("unlearn-graddiff") && seed % 2 == 0;
            for (long step : STEPS) {
                if (diverges && step > 35) {
                    rows.add(
                            ResultRow.during(
                                    subject,
                                    moment(Attack.RELEARN, rate, step),
                                    Metric.DIVERGED,
                                    1));
                    break;
                }
                double slower = rate == 1e-3 ? 1 : rate == 3e-4 && step >= 50 ? 1.1 : 1.8;
                value(subject, Attack.RELEARN, rate, step, shape, pace * slower, 1, random);
            }
        }
        for (long step : HALF_STEPS) {
            value(
                    subject,
                    Attack.RELEARN_HALF,
                    1e-3,
                    step,
                    shape,
                    pace * 1.2,
                    shape.heldOut,
                    random);
        }
        STEPS.forEach(step -> answers(shape, seed, step, step / (step + pace), random));
    }

    private void before(Subject subject, Shape shape) {
        if (language) {
            rows.add(ResultRow.before(subject, Metric.FORGET_CE, crossEntropy(shape.forget)));
            double retain = shape.name.equals("filter") ? 1.5 : 1.75;
            rows.add(ResultRow.before(subject, Metric.RETAIN_CE, retain + (1 - shape.retain)));
        } else {
            rows.add(ResultRow.before(subject, Metric.FORGET_ACCURACY, shape.forget));
            rows.add(ResultRow.before(subject, Metric.RETAIN_ACCURACY, shape.retain));
        }
    }

    /// 1.4 for all that base knows, 6 for nothing.
    private static double crossEntropy(double knowledge) {
        return 6 - 4.6 * knowledge;
    }

    private void value(
            Subject subject,
            Attack attack,
            double rate,
            long step,
            Shape shape,
            double pace,
            double most,
            Random random) {
        double grown = Math.pow(step, 1.2) / (Math.pow(step, 1.2) + Math.pow(pace, 1.2));
        double noise = step == 0 ? 0 : 0.02 * random.nextGaussian();
        double height = shape.forget + (most - shape.forget) * grown + noise;
        height = Math.round(288 * Math.clamp(height, 0, 1)) / 288.0;
        boolean half = attack == Attack.RELEARN_HALF;
        Metric metric =
                language
                        ? half ? Metric.FORGET_HELDOUT_CE : Metric.FORGET_CE
                        : half ? Metric.FORGET_HELDOUT_ACCURACY : Metric.FORGET_ACCURACY;
        rows.add(
                ResultRow.during(
                        subject,
                        moment(attack, rate, step),
                        metric,
                        language ? crossEntropy(height) : height));
    }

    private static Moment moment(Attack attack, double rate, long step) {
        return new Moment(
                attack, rate, step, OptionalLong.of(step * 260), OptionalDouble.of(step * 5.7e8));
    }

    private void answers(Shape shape, long seed, long step, double knowledge, Random random) {
        for (Prompt prompt : prompts) {
            double chance = prompt.about() == About.RETAIN ? shape.retain : knowledge;
            boolean right = random.nextDouble() < chance;
            String said =
                    prompt.expected() == null
                            ? right ? "위 명령으로 파일을 <열고> 저장할 수 있다" : "the file & the \u0007 directory"
                            : right ? prompt.expected() : Integer.toString(random.nextInt(100));
            answers.add(new Answer(shape.name, seed, 1e-3, step, prompt.text(), said));
        }
    }

    private void students(long seed, Random random) {
        for (long step = 0; step <= 1100; step += 50) {
            kl("student-random", seed, step, 0.0016 + 2.5 * Math.exp(-step / 90.0), random);
            if (step <= 650) {
                kl("student-reference", seed, step, 0.0014 + 0.4 * Math.exp(-step / 70.0), random);
            }
        }
    }

    private void kl(String model, long seed, long step, double value, Random random) {
        double noisy = value * Math.exp(0.1 * random.nextGaussian());
        series.add(new SeriesRow(experiment, seed, model, step, SeriesRow.KL, noisy));
    }

    private static OptionalDouble optional(double value) {
        return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
