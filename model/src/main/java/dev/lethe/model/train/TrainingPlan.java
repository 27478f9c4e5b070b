package dev.lethe.model.train;

import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Schedule;
import java.util.function.Predicate;

/// How to train, whatever the objective.
///
/// @param steps updates at most
/// @param microBatches parts of a batch, run one by one or side by side; fixed here and never by the
///     machine, since it decides the bits
/// @param schedule learning rate of each step
/// @param optimizer AdamW's constants
/// @param trained which parameters move, by HF name
/// @param rule where the gradient of a step is taken
public record TrainingPlan(
        long steps,
        int microBatches,
        Schedule schedule,
        AdamW.Settings optimizer,
        Predicate<String> trained,
        StepRule rule) {
    public TrainingPlan {
        if (steps < 0 || microBatches < 1) {
            throw new IllegalArgumentException(
                    "training: steps must be at least 0 and microBatches at least 1, got %d and %d"
                            .formatted(steps, microBatches));
        }
    }

    /// With plain steps.
    public TrainingPlan(
            long steps,
            int microBatches,
            Schedule schedule,
            AdamW.Settings optimizer,
            Predicate<String> trained) {
        this(steps, microBatches, schedule, optimizer, trained, new StepRule.Plain());
    }

    /// All parameters, plain steps, torch's AdamW without decay, clipped at norm 1.
    public static TrainingPlan of(long steps, int microBatches, Schedule schedule) {
        return new TrainingPlan(steps, microBatches, schedule, AdamW.Settings.DEFAULT, _ -> true);
    }

    public TrainingPlan training(Predicate<String> names) {
        return new TrainingPlan(steps, microBatches, schedule, optimizer, names, rule);
    }

    public TrainingPlan stepping(StepRule other) {
        return new TrainingPlan(steps, microBatches, schedule, optimizer, trained, other);
    }
}
