package dev.lethe.tools.study;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.study.GradientStudy.Grid;
import dev.lethe.model.study.Line;
import dev.lethe.model.study.Measure;
import dev.lethe.model.study.Plane;
import dev.lethe.tools.command.RefusedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// `paths`: loss and accuracy between models.
final class PathsReport {
    static final String FORGET_CE = "forget CE";
    static final String RETAIN_CE = "retain CE";
    static final String FORGET_ACCURACY = "forget accuracy";
    static final String RETAIN_ACCURACY = "retain accuracy";
    private static final double PLANE = 0.4; // its share of the work

    private PathsReport() {}

    /// @param points of each line
    /// @param relearning of models named `NAME+relearned`
    record Form(
            int tokens,
            List<Ends> lines,
            int points,
            double margin,
            Surface plane,
            Relearning relearning) {}

    record Ends(String from, String to) {
        @Override
        public String toString() {
            return from + " to " + to;
        }
    }

    record Surface(List<String> corners, int points, double margin) {
        Surface {
            if (corners.size() != 3) {
                throw new IllegalArgumentException(
                        "corners: expected 3 models, got %s; name three".formatted(corners));
            }
        }
    }

    static Answer of(Form form, Laboratory lab) {
        boolean ofRun = lab.subjects().run().isPresent();
        List<Ends> lines = ofRun ? form.lines() : pairs(lab.subjects().all());
        NamedModels models = new NamedModels(lab, form.relearning());
        SequencedMap<Ends, Line> found = new LinkedHashMap<>();
        double share = (ofRun ? 1 - PLANE : 1) / lines.size();
        for (Ends ends : lines) {
            Grid grid =
                    new Grid(
                            form.points(),
                            form.margin(),
                            lab.part(ends.toString(), share * found.size(), share));
            try (Gemma2 a = models.load(ends.from());
                    Gemma2 b = models.load(ends.to())) {
                found.put(ends, lab.study().line(a, b, grid, measures(lab)));
            }
        }
        Optional<Plane> plane =
                ofRun ? Optional.of(plane(form.plane(), models, lab)) : Optional.empty();
        return new PathsDrawing(found, form.plane().corners(), plane).answer();
    }

    private static List<Ends> pairs(List<Subject> all) {
        if (all.size() < 2) {
            throw new RefusedException(
                    "--from: expected a run or at least 2 models to go between, got 1; add"
                        + " another");
        }
        List<Ends> pairs = new ArrayList<>();
        for (Subject other : all.subList(1, all.size())) {
            pairs.add(new Ends(all.getFirst().name(), other.name()));
        }
        return pairs;
    }

    private static SequencedMap<String, Measure> measures(Laboratory lab) {
        Rows rows = lab.rows();
        SequencedMap<String, Measure> measures = new LinkedHashMap<>();
        measures.put(FORGET_CE, loss(StepBatch.main(rows.forget()), lab));
        measures.put(RETAIN_CE, loss(StepBatch.main(rows.retain()), lab));
        measures.put(FORGET_ACCURACY, Measure.accuracy(rows.forget(), lab.workers()));
        measures.put(RETAIN_ACCURACY, Measure.accuracy(rows.retain(), lab.workers()));
        return measures;
    }

    private static Measure loss(StepBatch rows, Laboratory lab) {
        return Measure.loss(new NextToken(), rows, lab.workers());
    }

    private static Plane plane(Surface form, NamedModels models, Laboratory lab) {
        SequencedMap<String, Measure> losses = measures(lab);
        losses.remove(FORGET_ACCURACY);
        losses.remove(RETAIN_ACCURACY);
        Grid grid = new Grid(form.points(), form.margin(), lab.part("plane", 1 - PLANE, PLANE));
        try (Gemma2 a = models.load(form.corners().get(0));
                Gemma2 b = models.load(form.corners().get(1));
                Gemma2 c = models.load(form.corners().get(2))) {
            return lab.study().plane(List.of(a, b, c), grid, losses);
        }
    }
}
