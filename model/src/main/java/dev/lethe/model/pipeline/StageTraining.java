package dev.lethe.model.pipeline;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.stage.Compute;
import dev.lethe.model.train.BatchSource;
import dev.lethe.model.train.Check;
import dev.lethe.model.train.DivergedException;
import dev.lethe.model.train.MetricsLog;
import dev.lethe.model.train.StepReport;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainerState;
import dev.lethe.model.train.TrainingCheckpoint;
import dev.lethe.model.train.TrainingObserver;
import dev.lethe.model.train.TrainingPlan;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Function;

/// The training inside a stage: keeps a checkpoint in the stage's unfinished directory every so
/// often, and goes on from the one that a killed run left, with the bits of a run that was never
/// killed.
///
/// @param objective what is minimised
/// @param plan how
/// @param data the batch of each step
record StageTraining(Objective objective, TrainingPlan plan, BatchSource data) {
    private static final String CHECKPOINT = "training";

    /// @param part the unfinished directory
    /// @param every time between checkpoints
    /// @param begin told the steps already made and those to be made, says who hears of each
    record Place(
            Path part,
            Duration every,
            Workers workers,
            BiFunction<Long, Long, TrainingObserver> begin) {}

    /// @param steps updates made
    /// @param compute of all of them, whoever made them
    /// @param byRule whether the check ended it
    /// @param diverged why it broke off, if it did
    record Outcome(
            long steps, Compute compute, boolean byRule, Optional<DivergedException> diverged) {
        /// Fails for a training that broke off.
        void requireWhole() {
            diverged.ifPresent(
                    failure -> {
                        throw failure;
                    });
        }

        /// The step that could not be made, where one could not.
        OptionalLong divergedAt() {
            return diverged.stream().mapToLong(DivergedException::step).findFirst();
        }
    }

    /// Trains the model, which holds the weights to begin with, to the end.
    ///
    /// @param check what is looked at between steps, given what the training took so far
    Outcome run(Gemma2 model, Place place, Function<Tally, Check> check) {
        Path checkpoint = place.part.resolve(CHECKPOINT);
        Tally tally = new Tally(data, plan.rule(), objective, model.config());
        try (Trainer trainer = new Trainer(model, objective, plan, place.workers)) {
            if (TrainingCheckpoint.exists(checkpoint)) {
                try (TrainerState state = TrainingCheckpoint.load(checkpoint, model)) {
                    trainer.restore(state);
                }
            }
            tally.skipTo(trainer.steps());
            TrainingObserver shown = place.begin.apply(trainer.steps(), plan.steps());
            Outcome outcome;
            try (MetricsLog log =
                    new MetricsLog(place.part.resolve(StageStore.METRICS), trainer.steps())) {
                Keeper keeper = new Keeper(checkpoint, model, trainer, log, place.every);
                outcome = train(trainer, tally, check.apply(tally), List.of(log, shown, keeper));
                log.force();
            }
            TrainingCheckpoint.delete(checkpoint);
            return outcome;
        }
    }

    private static Outcome train(
            Trainer trainer, Tally tally, Check check, List<TrainingObserver> observers) {
        try {
            Trainer.Result result = trainer.run(tally, check, observers);
            boolean byRule = result.ended() == Trainer.Ended.RULE;
            return new Outcome(result.steps(), tally.compute(), byRule, Optional.empty());
        } catch (DivergedException e) {
            tally.restart(e.step()); // the trainer may have been given more by then
            return new Outcome(trainer.steps(), tally.compute(), false, Optional.of(e));
        }
    }

    /// Saves after a step when it is time to. The log goes to disk first, so that it never lacks a
    /// step that the checkpoint has.
    private static final class Keeper implements TrainingObserver {
        private final Path checkpoint;
        private final Gemma2 model;
        private final Trainer trainer;
        private final MetricsLog log;
        private final Duration every;
        private long last = System.nanoTime();

        Keeper(Path checkpoint, Gemma2 model, Trainer trainer, MetricsLog log, Duration every) {
            this.checkpoint = checkpoint;
            this.model = model;
            this.trainer = trainer;
            this.log = log;
            this.every = every;
        }

        @Override
        public void onStep(StepReport report) {
            boolean behind = report.step() < trainer.steps(); // whose state it is no more
            if (behind || System.nanoTime() - last < every.toNanos()) {
                return;
            }
            log.force();
            try (TrainerState state = trainer.state()) {
                TrainingCheckpoint.save(checkpoint, model, state);
            }
            last = System.nanoTime();
        }
    }
}
