package dev.lethe.tools.study;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.spectra.Progress;
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
        /// The same between models of a run, by the run's prefix.
        Ends in(String prefix) {
            return new Ends(prefix + from, prefix + to);
        }

        /// Whether it says itself which run its models are of.
        boolean namesRuns() {
            return from.contains("/") || to.contains("/");
        }

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

        /// The same through models of a run, by the run's prefix.
        Surface in(String prefix) {
            return new Surface(
                    corners.stream().map(c -> c.contains("/") ? c : prefix + c).toList(),
                    points,
                    margin);
        }
    }

    /// What was measured in one figure's reach: within a run, or between runs.
    ///
    /// @param name of the run where several are studied, else empty
    /// @param corners names of the plane's models
    record Part(
            String name,
            SequencedMap<Ends, Line> lines,
            List<String> corners,
            Optional<Plane> plane) {}

    /// Lines and a plane still to be measured.
    private record Plan(String name, List<Ends> lines, Optional<Surface> plane) {}

    static Answer of(Form form, Laboratory lab) {
        List<Plan> plans = plans(form, lab);
        NamedModels models = new NamedModels(lab, form.relearning());
        List<Part> parts = new ArrayList<>();
        for (Plan plan : plans) {
            double share = 1.0 / plans.size();
            parts.add(part(form, plan, models, lab, new Share(share * parts.size(), share)));
        }
        return new PathsDrawing(parts).answer();
    }

    /// Of the work.
    private record Share(double from, double width) {}

    /// One for each run and, where lines name runs themselves, one between them; of directories the
    /// first with each other.
    private static List<Plan> plans(Form form, Laboratory lab) {
        if (lab.subjects().runs().isEmpty()) {
            return List.of(new Plan("", pairs(lab.subjects().all()), Optional.empty()));
        }
        List<Plan> plans = new ArrayList<>();
        for (Subjects.Group group : lab.subjects().groups()) {
            if (group.run().isPresent()) {
                List<Ends> lines =
                        form.lines().stream()
                                .filter(ends -> !ends.namesRuns())
                                .map(ends -> ends.in(group.prefix()))
                                .toList();
                plans.add(
                        new Plan(
                                group.name(),
                                lines,
                                Optional.of(form.plane().in(group.prefix()))));
            }
        }
        List<Ends> between = form.lines().stream().filter(Ends::namesRuns).toList();
        if (!between.isEmpty()) {
            plans.add(new Plan("between runs", between, Optional.empty()));
        }
        return plans;
    }

    private static Part part(
            Form form, Plan plan, NamedModels models, Laboratory lab, Share share) {
        double ofLines = share.width() * (plan.plane().isPresent() ? 1 - PLANE : 1);
        SequencedMap<Ends, Line> found = new LinkedHashMap<>();
        for (Ends ends : plan.lines()) {
            double width = ofLines / plan.lines().size();
            double from = share.from() + width * found.size();
            Progress shown = lab.part(ends.toString(), from, width);
            try (Gemma2 a = models.load(ends.from());
                    Gemma2 b = models.load(ends.to())) {
                Grid grid = new Grid(form.points(), form.margin(), shown);
                found.put(ends, lab.study().line(a, b, grid, measures(lab)));
            }
        }
        Progress shown =
                lab.part("plane", share.from() + ofLines, share.width() - ofLines);
        return new Part(
                plan.name(),
                found,
                plan.plane().map(Surface::corners).orElse(List.of()),
                plan.plane().map(surface -> plane(surface, models, lab, shown)));
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

    private static Plane plane(
            Surface form, NamedModels models, Laboratory lab, Progress shown) {
        SequencedMap<String, Measure> losses = measures(lab);
        losses.remove(FORGET_ACCURACY);
        losses.remove(RETAIN_ACCURACY);
        Grid grid = new Grid(form.points(), form.margin(), shown);
        try (Gemma2 a = models.load(form.corners().get(0));
                Gemma2 b = models.load(form.corners().get(1));
                Gemma2 c = models.load(form.corners().get(2))) {
            return lab.study().plane(List.of(a, b, c), grid, losses);
        }
    }
}
