package dev.lethe.model.train;

/// Hears of each step: a log, a progress bar.
@FunctionalInterface
public interface TrainingObserver {
    /// Told in the order of the steps; the trainer may have made more by then ([Pace]).
    void onStep(StepReport report);

    /// Hears of each check of the model between steps.
    default void onCheck(long step, Check.Outcome outcome) {}
}
