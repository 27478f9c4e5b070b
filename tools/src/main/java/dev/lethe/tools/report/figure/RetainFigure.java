package dev.lethe.tools.report.figure;

import dev.lethe.tools.report.findings.Estimate;
import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.results.Ability;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// What each taught model lost of its teacher's retain ability.
final class RetainFigure {
    private RetainFigure() {}

    static Optional<Figure> of(Findings findings) {
        List<Row> rows = new ArrayList<>();
        for (String model : findings.results().models()) {
            List<OptionalDouble> losses =
                    findings.seeds().stream()
                            .map(seed -> findings.retainLoss(model, seed))
                            .toList();
            if (losses.stream().allMatch(OptionalDouble::isPresent)) {
                List<Double> percent =
                        losses.stream().map(loss -> 100 * loss.getAsDouble()).toList();
                rows.add(new Row(model, Estimate.of(percent)));
            }
        }
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        boolean accuracy = findings.ability() == Ability.ACCURACY;
        String axis =
                accuracy
                        ? "retain accuracy lost against the teacher (percentage points)"
                        : "retain cross-entropy above the teacher's (%)";
        return Optional.of(
                Figure.of(
                        "retain",
                        "retain-kept",
                        "Retain ability that each distilled and UNDO model lost against its"
                            + " teacher, with the most that is allowed.",
                        dots(findings, axis, rows)));
    }

    private static Dots dots(Findings findings, String axis, List<Row> rows) {
        List<Dots.Dot> dots = new ArrayList<>();
        rows.forEach(row -> dots.add(Dots.Dot.of(dots.size(), row.loss)));
        return new Dots(
                "What distillation costs in retain ability",
                RecoveryFigures.seeds(findings),
                Axis.linear(axis),
                rows.stream().map(Row::model).toList(),
                List.of(new Dots.Series("mean and 95% interval", Look.plain(), dots)),
                List.of(
                        Mark.x(100 * findings.thresholds().retainLoss(), "allowed"),
                        Mark.x(0, "")));
    }

    private record Row(String model, Estimate loss) {}
}
