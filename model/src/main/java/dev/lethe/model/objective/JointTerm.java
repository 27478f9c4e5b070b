package dev.lethe.model.objective;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;

/// One term of an [Objective] that an [OutputTerm] cannot be, since it compares rows with each
/// other or reads several outputs together: what the model puts out for the whole batch, and the
/// term as a function of that. For study; training computes the two fused.
///
/// @param name as in the objective's [LossTerms]
/// @param weight as there
public record JointTerm(String name, double weight, Reading reading) {
    /// From the whole batch to the outputs that the term reads.
    @FunctionalInterface
    public interface Reading {
        JointOutput of(Gemma2 model, StepBatch whole, double denominator);
    }

    /// The outputs for this batch, in the current arena.
    public JointOutput read(Gemma2 model, StepBatch whole, double denominator) {
        return reading.of(model, whole, denominator);
    }
}
