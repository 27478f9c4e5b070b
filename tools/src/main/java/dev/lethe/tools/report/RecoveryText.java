package dev.lethe.tools.report;

import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.findings.RecoveryCurve;
import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.report.results.Ability;
import dev.lethe.tools.report.results.Attack;
import dev.lethe.tools.report.results.Claim;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The findings for a terminal.
public final class RecoveryText {
    private static final int NAME = 24;

    private final Findings findings;
    private final List<String> lines = new ArrayList<>();

    private RecoveryText(Findings findings) {
        this.findings = findings;
    }

    /// Tables, curves and verdicts, line by line.
    public static List<String> of(Findings findings, List<Claim> claims) {
        RecoveryText text = new RecoveryText(findings);
        text.recovery();
        text.add("");
        text.lines.addAll(RecoveryPlot.of(findings));
        text.add("");
        claims.forEach(text::claim);
        return text.lines;
    }

    private void add(String format, Object... values) {
        lines.add(Words.format(format, values).stripTrailing());
    }

    private String ofSeeds() {
        int count = findings.seeds().size();
        return count == 1
                ? "seed " + findings.seeds().getFirst()
                : "means over %d seeds".formatted(count);
    }

    private String measure() {
        return findings.ability() == Ability.ACCURACY ? "accuracy" : "cross-entropy";
    }

    private void recovery() {
        List<String> models = findings.results().models();
        add(
                "Retain and forget %s, then forget %s under relearning: at each step the best of"
                        + " learning rates %s (%s)",
                measure(),
                measure(),
                findings.results().learningRates(Attack.RELEARN).stream()
                        .map(Words::plain)
                        .collect(Collectors.joining(", ")),
                ofSeeds());
        List<NavigableMap<Long, Double>> curves = models.stream().map(this::curve).toList();
        List<Long> steps =
                curves.stream()
                        .flatMap(curve -> curve.keySet().stream())
                        .distinct()
                        .sorted()
                        .toList();
        StringBuilder header = new StringBuilder(padded("attack step") + " retain forget");
        steps.forEach(step -> header.append("%6d".formatted(step)));
        add("%s      A      R", header);
        for (int i = 0; i < models.size(); i++) {
            row(models.get(i), curves.get(i), steps);
        }
        add(
                "A: mean height to step %d%s. R: 0 = relearned as fast as the unlearned model, 1 ="
                    + " as slowly as filter.",
                findings.thresholds().horizon(),
                findings.ability() == Ability.ACCURACY ? "" : ", of minus the cross-entropy");
    }

    private void row(String model, NavigableMap<Long, Double> curve, List<Long> steps) {
        Ability ability = findings.ability();
        StringBuilder row = new StringBuilder(padded(model));
        row.append(mean(seed -> findings.results().before(model, seed, ability.retain()), 7));
        row.append(mean(seed -> findings.results().before(model, seed, ability.forget()), 7));
        for (long step : steps) {
            Double height = curve.get(step);
            row.append(height == null ? "     -" : figure(ability.of(height), 6));
        }
        row.append(mean(seed -> findings.area(model, seed), 7));
        row.append(mean(seed -> findings.robustness(model, seed), 7));
        add("%s", row);
    }

    private NavigableMap<Long, Double> curve(String model) {
        return RecoveryCurve.mean(
                        findings.seeds().stream()
                                .map(seed -> findings.recovery(model, seed))
                                .toList())
                .heights();
    }

    private static String padded(String name) {
        return name + " ".repeat(Math.max(1, NAME - name.length()));
    }

    private static String figure(double value, int width) {
        String text = Words.figure(value);
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    private String mean(Function<Long, OptionalDouble> value, int width) {
        List<OptionalDouble> all = findings.seeds().stream().map(value).toList();
        return all.stream().allMatch(OptionalDouble::isPresent)
                ? figure(
                        all.stream()
                                .mapToDouble(OptionalDouble::getAsDouble)
                                .average()
                                .orElseThrow(),
                        width)
                : " ".repeat(width - 1) + "-";
    }

    private void claim(Claim claim) {
        if (claim.value() == null) {
            add("%-13s %s: %s", claim.verdict().words(), claim.name(), claim.note());
            return;
        }
        String interval =
                claim.interval() == null
                        ? ""
                        : ", 95%% interval %s to %s"
                                .formatted(
                                        Words.figure(claim.interval().get(0)),
                                        Words.figure(claim.interval().get(1)));
        add(
                "%-13s %s: %s; measured %s%s%s",
                claim.verdict().words(),
                claim.name(),
                claim.statement(),
                Words.format("%.3f", claim.value()),
                interval,
                claim.note() == null ? "" : " (" + claim.note() + ")");
    }
}
