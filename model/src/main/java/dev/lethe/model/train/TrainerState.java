package dev.lethe.model.train;

import dev.lethe.engine.optim.AdamW;

/// What a training goes on from, besides the parameters. There is no state of random numbers: data
/// and noise are functions of the step.
///
/// @param steps updates made
/// @param tokens real tokens seen
/// @param optimizer moments, in memory of their own
public record TrainerState(long steps, long tokens, AdamW.State optimizer)
        implements AutoCloseable {
    public TrainerState {
        if (steps < 0 || tokens < 0) {
            throw new IllegalArgumentException(
                    "trainer state: steps and tokens must be at least 0, got %d and %d"
                            .formatted(steps, tokens));
        }
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
