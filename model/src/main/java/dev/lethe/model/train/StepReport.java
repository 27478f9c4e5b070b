package dev.lethe.model.train;

import java.util.SequencedMap;

/// What one step did.
///
/// @param step 1 for the first
/// @param loss weighted total before the update
/// @param terms unweighted terms by name
/// @param learningRate of this update
/// @param gradientNorm global L2 norm of what the optimizer got, before clipping
/// @param tokens real tokens in the batch
/// @param seconds wall time; of steps that were read together, their mean
public record StepReport(
        long step,
        double loss,
        SequencedMap<String, Double> terms,
        double learningRate,
        double gradientNorm,
        long tokens,
        double seconds) {}
