package dev.lethe.tools.experiment;

import dev.lethe.model.pipeline.Optimization;
import dev.lethe.model.pipeline.Optimization.Rate;
import dev.lethe.model.pipeline.Optimization.Shape;

/// AdamW as the YAML file has it.
///
/// @param steps updates at most; the schedule spans them all
/// @param rows of each step (of forget data, and as many of retain data, in unlearning)
/// @param microBatches parts of a step's batch; decides the bits, so it is no matter of the machine
/// @param schedule shape of the learning rate after the warm-up
/// @param rate highest learning rate
/// @param lastRate at the last step
/// @param warmUp steps
record Training(
        long steps,
        int rows,
        int microBatches,
        Shape schedule,
        double rate,
        double lastRate,
        long warmUp,
        double weightDecay) {
    Training {
        if (schedule == Shape.CONSTANT && lastRate != rate) {
            throw new IllegalArgumentException(
                    "lastRate: expected the rate %s of a constant schedule, got %s; make them equal"
                            .formatted(rate, lastRate));
        }
        optimization(steps, rows, microBatches, schedule, rate, lastRate, warmUp, weightDecay);
    }

    /// One constant rate, as attacks have it.
    static Optimization constant(long steps, int rows, int microBatches, double rate) {
        return optimization(steps, rows, microBatches, Shape.CONSTANT, rate, rate, 0, 0);
    }

    Optimization optimization() {
        return optimization(steps, rows, microBatches, schedule, rate, lastRate, warmUp, weightDecay);
    }

    private static Optimization optimization(
            long steps,
            int rows,
            int microBatches,
            Shape schedule,
            double rate,
            double lastRate,
            long warmUp,
            double weightDecay) {
        return new Optimization(
                steps,
                rows,
                microBatches,
                new Rate(schedule, rate, lastRate, warmUp, steps),
                weightDecay);
    }
}
