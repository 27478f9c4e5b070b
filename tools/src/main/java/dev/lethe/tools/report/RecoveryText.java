package dev.lethe.tools.report;

import dev.lethe.model.evaluate.ArithmeticAnswers.Accuracies;
import dev.lethe.model.stage.RecoveryCurve;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/// The findings for a terminal of 100 columns.
public final class RecoveryText {
    private static final int NAME = 16;

    private final Findings findings;
    private final List<String> lines = new ArrayList<>();

    private RecoveryText(Findings findings) {
        this.findings = findings;
    }

    /// Tables, curves and verdicts, line by line.
    public static List<String> of(Findings findings) {
        RecoveryText text = new RecoveryText(findings);
        text.before();
        text.recovery();
        text.lines.add("");
        text.lines.addAll(RecoveryPlot.of(findings));
        text.claims();
        return text.lines;
    }

    private void add(String format, Object... values) {
        lines.add(String.format(Locale.ROOT, format, values).stripTrailing());
    }

    private String ofSeeds() {
        int count = findings.seeds().size();
        return count == 1
                ? "seed " + findings.seeds().getFirst().seed()
                : "mean over %d seeds".formatted(count);
    }

    private void before() {
        add("Accuracy before any attack (%s)", ofSeeds());
        add("%s     add     sub     mul     div   retain  forget", " ".repeat(NAME));
        for (String model : findings.models()) {
            add(
                    "%-16s %7.3f %7.3f %7.3f %7.3f  %7.3f %7.3f",
                    model,
                    mean(model, Accuracies::add),
                    mean(model, Accuracies::sub),
                    mean(model, Accuracies::mul),
                    mean(model, Accuracies::div),
                    mean(model, Accuracies::retain),
                    mean(model, Accuracies::forget));
        }
        add("");
    }

    private double mean(String model, ToDoubleFunction<Accuracies> value) {
        return findings.seeds().stream()
                .mapToDouble(seed -> value.applyAsDouble(seed.model(model).before()))
                .average()
                .orElseThrow();
    }

    private void recovery() {
        List<RecoveryCurve> means =
                findings.attacked().stream()
                        .map(model -> RecoveryCurve.mean(findings.curves(model)))
                        .toList();
        add(
                "Forget accuracy under relearning, the best of learning rates %s at each step (%s)",
                findings.seeds().getFirst().models().getLast().attacks().stream()
                        .map(run -> ResultsCsv.number(run.learningRate()))
                        .collect(Collectors.joining(", ")),
                ofSeeds());
        StringBuilder header = new StringBuilder("%-16s".formatted("attack step"));
        List<Long> steps =
                means.stream()
                        .flatMap(c -> c.heights().keySet().stream())
                        .distinct()
                        .sorted()
                        .toList();
        steps.forEach(step -> header.append("%6d".formatted(step)));
        add("%s      A      R", header);
        for (int i = 0; i < means.size(); i++) {
            String model = findings.attacked().get(i);
            NavigableMap<Long, Double> heights = means.get(i).heights();
            StringBuilder row = new StringBuilder("%-16s".formatted(model));
            for (long step : steps) {
                row.append(heights.containsKey(step) ? figure(heights.get(step)) : "     -");
            }
            row.append(' ').append(mean(findings.areas(model)));
            if (model.startsWith("distill-")) {
                String method = model.substring("distill-".length());
                row.append(' ').append(mean(findings.robustness(method)));
            }
            add("%s", row);
        }
        add(
                "A: mean height to step %d. R: 0 = relearned as fast as the unlearned model, 1 = as"
                        + " slowly as filter.",
                findings.thresholds().horizon());
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, "%6.2f", value);
    }

    private static String mean(List<OptionalDouble> values) {
        return values.stream().allMatch(OptionalDouble::isPresent)
                ? figure(
                        values.stream()
                                .mapToDouble(OptionalDouble::getAsDouble)
                                .average()
                                .orElseThrow())
                : "     -";
    }

    private void claims() {
        add("");
        for (Claim claim : findings.claims()) {
            if (claim.note() != null) {
                add("no verdict  %s: %s", claim.name(), claim.note());
                continue;
            }
            String interval =
                    claim.interval() == null
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    ", 95%% interval %.2f to %.2f",
                                    claim.interval().get(0),
                                    claim.interval().get(1));
            add(
                    "%-11s %s: %s; measured %.3f%s",
                    claim.holds() ? "holds" : "fails",
                    claim.name(),
                    claim.statement(),
                    claim.value(),
                    interval);
        }
    }
}
