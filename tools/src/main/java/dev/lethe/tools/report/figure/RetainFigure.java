package dev.lethe.tools.report.figure;

import dev.lethe.tools.report.findings.Estimate;
import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.results.Ability;

import java.awt.Color;
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
        Bars bars =
                new Bars(
                        "What distillation costs in retain ability",
                        RecoveryFigures.seeds(findings),
                        axis,
                        rows.stream().map(row -> new Bars.Bar(row.model, row.loss)).toList(),
                        100 * findings.thresholds().retainLoss(),
                        new Color(0x0072B2));
        return Optional.of(
                new Figure(
                        "retain",
                        "retain-kept",
                        "Retain ability that each distilled and UNDO model lost against its"
                            + " teacher, with the most that is allowed.",
                        Bars.size(rows.size()),
                        bars::draw));
    }

    private record Row(String model, Estimate loss) {}
}
