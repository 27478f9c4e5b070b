package dev.lethe.model.train;

import dev.lethe.model.data.StepBatch;

/// The data of each step as a function of its number alone, so that a run can go on anywhere.
@FunctionalInterface
public interface BatchSource {
    /// @param step 0 for the first
    StepBatch batch(long step);
}
