package dev.lethe.model.stage;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.train.BatchSource;
import dev.lethe.model.train.Check;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingObserver;
import dev.lethe.model.train.TrainingPlan;
import java.util.List;

/// A training as a value: pretraining, unlearning, distillation and relearning differ in their
/// values only.
///
/// @param start the weights to begin with
/// @param objective what is minimised
/// @param plan how
/// @param data the batch of each step
public record Stage(Start start, Objective objective, TrainingPlan plan, BatchSource data) {
    /// The whole training.
    ///
    /// @throws dev.lethe.model.train.DivergedException where a loss is no number any more
    public TrainedModel run(Machine machine, List<TrainingObserver> observers) {
        return run(machine, _ -> Check.NONE, observers);
    }

    /// A check looks at a model, which does not exist before the stage runs.
    @FunctionalInterface
    interface Watch {
        Check of(Watched watched);
    }

    /// @param model in training
    /// @param tally what it took so far
    record Watched(Gemma2 model, Tally tally) {}

    /// Counts what each batch costs on its way to the trainer.
    static final class Tally implements BatchSource {
        private final Stage stage;
        private final Gemma2 model;
        private Compute compute = Compute.NONE;

        private Tally(Stage stage, Gemma2 model) {
            this.stage = stage;
            this.model = model;
        }

        @Override
        public StepBatch batch(long step) {
            StepBatch batch = stage.data.batch(step);
            compute =
                    compute.plus(
                            Flops.update(
                                    stage.plan.rule(), stage.objective, model.config(), batch));
            return batch;
        }

        Compute compute() {
            return compute;
        }
    }

    TrainedModel run(Machine machine, Watch watch, List<TrainingObserver> observers) {
        Gemma2 model = start.make(machine);
        Tally tally = new Tally(this, model);
        try (Trainer trainer = new Trainer(model, objective, plan, machine.workers())) {
            Check check = watch.of(new Watched(model, tally));
            Trainer.Result result = trainer.run(tally, check, observers);
            return new TrainedModel(model, tally.compute(), result.ended());
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }
}
