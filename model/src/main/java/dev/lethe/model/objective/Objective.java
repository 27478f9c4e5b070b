package dev.lethe.model.objective;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import java.util.List;
import java.util.SequencedMap;

/// A loss as a value: named terms, each the mean over one stated denominator, and their weights.
///
/// A step's batch is cut into micro-batches, so the denominators are those of the whole batch, counted
/// before the forward pass; the terms of the parts then add up to those of the whole.
public sealed interface Objective
        permits NextToken, GradDiff, MaxEnt, Rmu, Distill, RepNoise, CustomObjective {
    /// How many targets, positions or elements each term is the mean of.
    SequencedMap<String, Double> denominators(StepBatch whole);

    /// The terms of one part of the batch, each divided by the whole batch's denominator.
    LossTerms terms(Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators);

    /// The terms that are sums over positions of a function of the model's output, as such, in the
    /// order of [#terms], for study. Together with [#jointTerms] these are all terms; an objective
    /// that cannot say so of each has neither.
    default List<OutputTerm> outputTerms() {
        return List.of();
    }

    /// The terms that compare rows or read several outputs together, as functions of these outputs,
    /// after those of [#outputTerms], for study.
    default List<JointTerm> jointTerms() {
        return List.of();
    }

    /// Whether the work of [#terms] is the same for all batches of the same shapes, but for what
    /// it reads of them, of their denominators and of the step's number through [StepInputs]: then
    /// a device may keep it and repeat it with other data. What looks at a value of a tensor, or
    /// brings values to the device by itself, is not.
    default boolean repeatable() {
        return false;
    }

    /// Whether terms are sums over rows, so that those of the parts add up to those of the whole.
    /// One that is not is given its batch whole.
    default boolean separable() {
        return true;
    }
}
