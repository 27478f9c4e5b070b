package dev.lethe.model.objective;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import java.util.List;

/// One term of an [Objective] split in two, `L(o(theta))`: what the model puts out for the rows of
/// one role, and the term as a function of that output. Gauss-Newton products, gradients by output
/// and gradients an example need the split; training does not, and computes the two fused.
///
/// @param name as in the objective's [LossTerms]
/// @param weight as there
/// @param role whose rows the term reads
public record OutputTerm(String name, double weight, StepBatch.Role role, Reading reading) {
    /// From rows to the output that the term reads.
    @FunctionalInterface
    public interface Reading {
        /// @param rows all rows of the role or a part of them
        /// @param denominator of the whole batch
        ModelOutput of(Gemma2 model, Batch rows, double denominator);
    }

    /// Those of an objective that has no others, at least one.
    public static List<OutputTerm> of(Objective objective) {
        requireSplit(objective);
        if (!objective.jointTerms().isEmpty()) {
            throw new IllegalArgumentException(
                    "output terms: expected an objective whose terms are sums over rows, got %s with %s; study what it is built on"
                            .formatted(
                                    name(objective),
                                    objective.jointTerms().stream()
                                            .map(JointTerm::name)
                                            .toList()));
        }
        return objective.outputTerms();
    }

    /// Fails unless the objective states its terms as functions of outputs.
    public static void requireSplit(Objective objective) {
        if (!isSplit(objective)) {
            Objective lacking = objective instanceof RepNoise noise ? noise.base() : objective;
            throw new IllegalArgumentException(
                    "output terms: expected an objective that states its terms as functions of the model's output, got %s; override outputTerms"
                            .formatted(name(lacking)));
        }
    }

    /// Whether an objective states its terms as functions of outputs.
    public static boolean isSplit(Objective objective) {
        return !objective.outputTerms().isEmpty() || !objective.jointTerms().isEmpty();
    }

    private static String name(Objective objective) {
        return objective.getClass().getSimpleName();
    }

    /// The output for these rows, in the current arena.
    public ModelOutput read(Gemma2 model, Batch rows, double denominator) {
        return reading.of(model, rows, denominator);
    }
}
