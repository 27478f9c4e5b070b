package dev.lethe.tools.study;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.pipeline.MethodObjective;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.study.Movement;
import dev.lethe.model.study.Undoing;
import dev.lethe.tools.experiment.FinishedRun;
import dev.lethe.tools.study.TrajectoryWalk.Trained;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// `trajectory`: what moves during unlearning and relearning, and how much relearning undoes.
final class TrajectoryReport {
    private TrajectoryReport() {}

    /// @param unlearning models whose unlearning is followed
    /// @param relearning models whose attack is followed
    /// @param looks on the way
    /// @param every steps between looks; 0 where their number counts
    /// @param tokens of gradients
    record Form(
            List<String> unlearning,
            List<String> relearning,
            int looks,
            int every,
            Relearning attack,
            int tokens) {
        Form {
            if (looks < 1 || every < 0) {
                throw new IllegalArgumentException(
                        "looks: expected at least 1, every: at least 0, got %d and %d; correct it"
                                .formatted(looks, every));
            }
        }

        /// Steps from one look to the next.
        long interval(long steps) {
            return every > 0 ? every : Math.max(1, steps / looks);
        }
    }

    /// Losses and gradients at one point.
    ///
    /// @param cosine of the gradients of forget and retain CE
    record Pull(double forgetCe, double forgetNorm, double retainNorm, double cosine) {}

    /// What was seen after a step.
    ///
    /// @param movement from where the training began
    /// @param trained norms of the gradient of what is being trained, by layer, over the parameters
    ///     that move
    /// @param undoing of unlearning, while relearning an unlearned model
    record Seen(
            long step,
            Movement movement,
            Pull pull,
            SequencedMap<String, Double> trained,
            Optional<Undoing> undoing) {}

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
            unlearning.put(one.name(), unlearning(form, one, unlearning.size(), all, lab));
        }
        for (Subject one : attacked) {
            int before = unlearned.size() + relearning.size();
            relearning.put(one.name(), relearning(form, one, before, all, lab));
        }
        return new TrajectoryDrawing(unlearning, relearning, form).answer();
    }

    private static List<Seen> unlearning(
            Form form, Subject one, int before, int all, Laboratory lab) {
        StageSpec.Unlearn stage = (StageSpec.Unlearn) stage(one);
        FinishedRun run = lab.requireRun("which has models");
        Path from = run.store().directory(stage.from());
        try (Gemma2 base = Gemma2Checkpoint.load(from, lab.backend(), lab.dtype());
                MethodObjective trained = MethodObjective.of(stage, base, run.store())) {
            Trained what =
                    new Trained(
                            trained.objective(),
                            StepBatch.forgetAndRetain(lab.rows().forget(), lab.rows().retain()),
                            trained.trained());
            TrajectoryWalk walk =
                    new TrajectoryWalk(lab, form, one.name(), before, all, what);
            walk.run(stage, stage.optimization().steps(), _ -> Optional.empty());
            try (Gemma2 stored = stored(stage, lab)) {
                walk.requireEnd(stored);
            }
            return walk.seen();
        }
    }

    private static List<Seen> relearning(
            Form form, Subject one, int before, int all, Laboratory lab) {
        Trained what =
                new Trained(
                        new NextToken(), StepBatch.main(lab.rows().forget()), _ -> true);
        TrajectoryWalk walk =
                new TrajectoryWalk(
                        lab, form, one.name() + " under attack", before, all, what);
        StageSpec.Relearn stage = form.attack().on(one).orElseThrow();
        long steps = form.attack().steps();
        if (stage(one) instanceof StageSpec.Unlearn unlearn) {
            try (Gemma2 base = stored(unlearn.from(), lab);
                    Gemma2 start = stored(unlearn, lab)) {
                walk.run(
                        stage,
                        steps,
                        now -> Optional.of(lab.study().undoing(base, start, now)));
            }
        } else {
            walk.run(stage, steps, _ -> Optional.empty());
        }
        return walk.seen();
    }

    private static StageSpec stage(Subject subject) {
        return subject.member().orElseThrow().stage();
    }

    private static Gemma2 stored(StageSpec.MakesModel stage, Laboratory lab) {
        FinishedRun run = lab.requireRun("which has models");
        return Gemma2Checkpoint.load(
                run.store().directory(stage), lab.backend(), run.precision().masters());
    }
}
