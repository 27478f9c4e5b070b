package dev.lethe.model.pipeline;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.train.Check;
import dev.lethe.model.train.Trainer;

import java.util.LinkedHashMap;
import java.util.List;

/// Trains a finished stage once more, in memory, for someone who wants to see the weights on the
/// way: a store keeps only where a training ended. Equal specifications have equal bits on one
/// machine, so what is seen is what happened.
///
/// @param runner whose store has the stage's inputs; of the machine type that made them
public record StageReplay(StageRunner runner) {
    /// Sees the model between steps; it may be read and copied, not changed.
    @FunctionalInterface
    public interface Look {
        /// @param step updates made, 0 before the first
        void at(long step, Gemma2 model);
    }

    /// Looks before the first step, after every `interval` steps and after the last.
    ///
    /// @param stage unlearning or relearning
    /// @param steps at most; the training's own where that is less
    /// @throws IllegalArgumentException for a stage of another kind
    public void run(StageSpec stage, long steps, long interval, Look look) {
        if (interval < 1) {
            throw new IllegalArgumentException(
                    "replay: expected an interval of at least 1 step, got " + interval);
        }
        switch (stage) {
            case StageSpec.Unlearn unlearn -> {
                try (Gemma2 before = runner.load(unlearn.from());
                        Gemma2 model = before.copy();
                        MethodObjective method =
                                MethodObjective.of(unlearn, before, runner.store())) {
                    train(StageWork.training(unlearn, method), model, steps, interval, look);
                }
            }
            case StageSpec.Relearn relearn -> {
                try (Gemma2 model = runner.load(relearn.target())) {
                    train(StageWork.training(relearn), model, steps, interval, look);
                }
            }
            default ->
                    throw new IllegalArgumentException(
                            "replay: expected a stage of unlearning or relearning, got %s"
                                    .formatted(stage.getClass().getSimpleName()));
        }
    }

    private void train(
            StageTraining training, Gemma2 model, long most, long interval, Look look) {
        long last = Math.min(most, training.plan().steps());
        Check check =
                new Check(
                        step -> step % interval == 0 || step == last,
                        step -> {
                            look.at(step, model);
                            return new Check.Outcome(new LinkedHashMap<>(), step == last);
                        });
        try (Trainer trainer =
                new Trainer(
                        model,
                        training.objective(),
                        training.plan(),
                        runner.machine().workers())) {
            trainer.run(training.data(), check, List.of());
        }
    }
}
