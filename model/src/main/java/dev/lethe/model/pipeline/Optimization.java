package dev.lethe.model.pipeline;

import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.model.train.TrainingPlan;

import java.util.function.Predicate;

/// AdamW over a number of steps, clipped at norm 1.
///
/// @param steps updates at most
/// @param rows of each step (of each role, where an objective has several)
/// @param microBatches parts of a step's batch; decides the bits, so it is no matter of the machine
/// @param rate learning rate
/// @param weightDecay decoupled
public record Optimization(long steps, int rows, int microBatches, Rate rate, double weightDecay) {
    public Optimization {
        if (steps < 1 || rows < 1 || microBatches < 1 || microBatches > rows) {
            throw new IllegalArgumentException(
                    ("optimization: expected at least 1 step and row, and 1 to that"
                                    + " many micro-batches, got %d, %d and %d; correct them")
                            .formatted(steps, rows, microBatches));
        }
        rate.schedule(); // refuses rates that cannot be
    }

    /// Shapes of [Rate].
    public enum Shape {
        CONSTANT,
        LINEAR,
        COSINE
    }

    /// @param peak after the warm-up
    /// @param minimum at the last scheduled step; unused where constant
    /// @param warmUp steps
    /// @param scheduled steps that the shape spans, which may be more than are made
    public record Rate(Shape shape, double peak, double minimum, long warmUp, long scheduled) {
        Schedule schedule() {
            return switch (shape) {
                case CONSTANT -> new Schedule.Constant(peak, warmUp);
                case LINEAR -> new Schedule.Linear(peak, minimum, warmUp, scheduled);
                case COSINE -> new Schedule.Cosine(peak, minimum, warmUp, scheduled);
            };
        }
    }

    TrainingPlan plan(Predicate<String> trained) {
        AdamW.Settings plain = AdamW.Settings.DEFAULT;
        AdamW.Settings settings =
                new AdamW.Settings(
                        plain.beta1(),
                        plain.beta2(),
                        plain.epsilon(),
                        weightDecay,
                        plain.clipNorm());
        return new TrainingPlan(steps, microBatches, rate.schedule(), settings, trained);
    }
}
