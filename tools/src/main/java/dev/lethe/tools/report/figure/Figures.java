package dev.lethe.tools.report.figure;

import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.results.SeriesRow;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// All figures that a run has the values for, in the order of the claims.
public final class Figures {
    private Figures() {}

    /// @param series what was measured during training, possibly nothing
    public static List<Figure> of(Findings findings, List<SeriesRow> series) {
        RecoveryFigures recovery = new RecoveryFigures(findings);
        UndoFigures undo = new UndoFigures(findings);
        List<Optional<Figure>> all = new ArrayList<>();
        all.add(recovery.unlearned());
        all.add(KlFigure.of(findings, series));
        all.add(recovery.students());
        findings.thresholds().methods().forEach(method -> all.add(recovery.distilled(method)));
        all.add(recovery.untouchedHalf());
        all.add(undo.recovery());
        all.add(undo.robustnessByAlpha());
        all.add(undo.robustnessByCompute());
        all.add(ParetoFigure.of(findings));
        all.add(RetainFigure.of(findings));
        return all.stream().flatMap(Optional::stream).toList();
    }
}
