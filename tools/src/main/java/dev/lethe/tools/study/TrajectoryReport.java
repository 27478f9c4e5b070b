package dev.lethe.tools.study;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.spectra.Vectors;
import dev.lethe.model.study.Movement;
import dev.lethe.model.study.Undoing;
import dev.lethe.tools.command.FailedException;
import dev.lethe.tools.experiment.FinishedRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/// `trajectory`: what moves during unlearning and relearning, and how much relearning undoes.
final class TrajectoryReport {
    private TrajectoryReport() {}

    /// @param unlearning models whose unlearning is followed
    /// @param relearning models whose attack is followed
    /// @param looks on the way
    /// @param tokens of gradients
    record Form(
            List<String> unlearning,
            List<String> relearning,
            int looks,
            Relearning attack,
            int tokens) {
        Form {
            if (looks < 1) {
                throw new IllegalArgumentException(
                        "looks: expected at least 1, got %d; correct it".formatted(looks));
            }
        }
    }

    /// Losses and gradients at one point.
    ///
    /// @param cosine of the gradients of forget and retain CE
    record Pull(double forgetCe, double forgetNorm, double retainNorm, double cosine) {}

    /// What was seen after a step.
    ///
    /// @param movement from where the training began
    /// @param undoing of unlearning, while relearning an unlearned model
    record Seen(long step, Movement movement, Pull pull, Optional<Undoing> undoing) {}

    static Answer of(Form form, Laboratory lab) {
        lab.requireRun("whose trainings are made again");
        List<Subject> unlearned =
                lab.select(form.unlearning()).stream()
                        .filter(one -> stage(one) instanceof StageSpec.Unlearn)
                        .toList();
        List<Subject> attacked =
                lab.select(form.relearning()).stream()
                        .filter(one -> form.attack().on(one).isPresent())
                        .toList();
        SequencedMap<String, List<Seen>> unlearning = new LinkedHashMap<>();
        SequencedMap<String, List<Seen>> relearning = new LinkedHashMap<>();
        int all = unlearned.size() + attacked.size();
        for (Subject one : unlearned) {
            StageSpec.Unlearn stage = (StageSpec.Unlearn) stage(one);
            Walk walk = new Walk(lab, form, one.name(), unlearning.size(), all);
            walk.run(stage, stage.optimization().steps(), _ -> Optional.empty());
            walk.requireSame(one);
            unlearning.put(one.name(), walk.seen);
        }
        for (Subject one : attacked) {
            int before = unlearned.size() + relearning.size();
            Walk walk = new Walk(lab, form, one.name() + " under attack", before, all);
            StageSpec.Relearn stage = form.attack().on(one).orElseThrow();
            if (stage(one) instanceof StageSpec.Unlearn unlearn) {
                try (Gemma2 base = stored(unlearn.from(), lab);
                        Gemma2 start = stored(unlearn, lab)) {
                    walk.run(
                            stage,
                            form.attack().steps(),
                            now -> Optional.of(lab.study().undoing(base, start, now)));
                }
            } else {
                walk.run(stage, form.attack().steps(), _ -> Optional.empty());
            }
            relearning.put(one.name(), walk.seen);
        }
        return new TrajectoryDrawing(unlearning, relearning, form).answer();
    }

    private static StageSpec stage(Subject subject) {
        return subject.member().orElseThrow().stage();
    }

    private static Gemma2 stored(StageSpec.MakesModel stage, Laboratory lab) {
        FinishedRun run = lab.requireRun("which has models");
        return Gemma2Checkpoint.load(
                run.store().directory(stage), lab.backend(), run.precision().masters());
    }

    /// One training that is followed.
    private static final class Walk {
        private final Laboratory lab;
        private final Form form;
        private final String name;
        private final double from;
        private final double share;
        private final List<Seen> seen = new ArrayList<>();
        private Gemma2 start;
        private double[] last;

        Walk(Laboratory lab, Form form, String name, int before, int all) {
            this.lab = lab;
            this.form = form;
            this.name = name;
            this.from = before / (double) all;
            this.share = 1.0 / all;
        }

        void run(StageSpec stage, long steps, Function<Gemma2, Optional<Undoing>> undoing) {
            long interval = Math.max(1, steps / form.looks());
            try (Gemma2 wide =
                    Gemma2.allocate(lab.subjects().config(), lab.backend(), lab.dtype())) {
                lab.replay()
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

        private LossSurface surface(Gemma2 model, Batch rows) {
            return LossSurface.of(
                    new Point(model, new NextToken(), StepBatch.main(rows)), lab.workers());
        }

        /// Fails where the training that was followed ended elsewhere than the run's.
        void requireSame(Subject subject) {
            try (Gemma2 stored =
                    stored((StageSpec.MakesModel) stage(subject), lab)) {
                if (!Arrays.equals(Relearning.weights(stored), last)) {
                    throw new FailedException(
                            "%s: expected the training to end with the bits of the stored model, got others; study the run on the machine type that made it"
                                    .formatted(subject.name()));
                }
            }
        }
    }
}
