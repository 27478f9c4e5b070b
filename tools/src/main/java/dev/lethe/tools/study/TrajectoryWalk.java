package dev.lethe.tools.study;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.spectra.Vectors;
import dev.lethe.model.study.ParameterNorm;
import dev.lethe.model.study.ParameterPlace;
import dev.lethe.model.study.Undoing;
import dev.lethe.tools.command.FailedException;
import dev.lethe.tools.study.TrajectoryReport.Form;
import dev.lethe.tools.study.TrajectoryReport.Pull;
import dev.lethe.tools.study.TrajectoryReport.Seen;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Predicate;

/// One training that is followed.
final class TrajectoryWalk {
    /// What the training minimises, to be differentiated on the study's rows.
    ///
    /// @param moves names of the parameters that it moves
    record Trained(Objective objective, StepBatch rows, Predicate<String> moves) {}

    private final Laboratory lab;
    private final Form form;
    private final String name;
    private final double from;
    private final double share;
    private final Trained trained;
    private final List<Seen> seen = new ArrayList<>();
    private Gemma2 start;
    private double[] last;

    TrajectoryWalk(
            Laboratory lab, Form form, String name, int before, int all, Trained trained) {
        this.lab = lab;
        this.form = form;
        this.name = name;
        this.from = before / (double) all;
        this.share = 1.0 / all;
        this.trained = trained;
    }

    void run(StageSpec stage, long steps, Function<Gemma2, Optional<Undoing>> undoing) {
        long interval = form.interval(steps);
        try (Gemma2 wide =
                Gemma2.allocate(lab.subjects().config(), lab.backend(), lab.dtype())) {
            lab.replay(lab.requireRun("whose trainings are made again"))
                    .run(
                            stage,
                            steps,
                            interval,
                            (step, model) -> {
                                look(step, model, wide, undoing);
                                lab.part(name, from, share).after((int) step, (int) steps);
                            });
        } finally {
            if (start != null) {
                start.close();
            }
        }
    }

    private void look(
            long step,
            Gemma2 model,
            Gemma2 wide,
            Function<Gemma2, Optional<Undoing>> undoing) {
        if (start == null) {
            start = model.copy();
        }
        last = Relearning.weights(model);
        Coordinates.of(wide.parameters()).write(last, wide.parameters());
        seen.add(
                new Seen(
                        step,
                        lab.study().movement(start, model),
                        pull(wide),
                        byLayer(wide),
                        undoing.apply(model)));
    }

    private Pull pull(Gemma2 model) {
        try (LossSurface forget = surface(model, lab.rows().forget());
                LossSurface retain = surface(model, lab.rows().retain())) {
            double[] ofForget = forget.gradient();
            double[] ofRetain = retain.gradient();
            return new Pull(
                    forget.loss(),
                    Vectors.norm(ofForget),
                    Vectors.norm(ofRetain),
                    Vectors.cosine(ofForget, ofRetain));
        }
    }

    private SequencedMap<String, Double> byLayer(Gemma2 model) {
        List<String> names =
                model.parameters().names().stream().filter(trained.moves()).toList();
        Point point = new Point(model, trained.objective(), trained.rows());
        try (LossSurface surface = LossSurface.of(point, names, lab.workers())) {
            return ParameterNorm.by(
                    ParameterPlace::group,
                    ParameterNorm.of(surface.gradient(), surface.coordinates()));
        }
    }

    private LossSurface surface(Gemma2 model, Batch rows) {
        return LossSurface.of(
                new Point(model, new NextToken(), StepBatch.main(rows)), lab.workers());
    }

    List<Seen> seen() {
        return seen;
    }

    /// Fails where the training that was followed ended elsewhere than the run's.
    void requireEnd(Gemma2 stored) {
        if (!Arrays.equals(Relearning.weights(stored), last)) {
            throw new FailedException(
                    "%s: expected the training to end with the bits of the stored model, got others; study the run on the machine type that made it"
                            .formatted(name));
        }
    }
}
