package dev.lethe.model.study;

import dev.lethe.model.gradients.LogitGradient;
import java.util.List;
import java.util.Optional;

/// What the gradients of several objectives look like at one model on one batch.
///
/// @param objectives in the order asked for
/// @param cosines between the gradients of all objectives, by their names, and of all their terms,
///     by `objective.term`; a term's gradient is taken with its weight's sign
public record Anatomy(List<OfObjective> objectives, Cosines cosines) {
    /// @param loss the weighted sum of the terms
    /// @param norm of the gradient over all parameters
    /// @param norms of the gradient, one a parameter
    /// @param byPosition `[depth][t]`, as [dev.lethe.model.gradients.ExactGradients#byPosition]
    /// @param fusedError distance of the gradient that training computes (fused heads) from the
    ///     weighted sum of the terms' gradients (primitives), as a part of the latter; empty where
    ///     the objective does not state all its terms as sums over positions of the output
    public record OfObjective(
            String name,
            double loss,
            double norm,
            List<ParameterNorm> norms,
            double[][] byPosition,
            Optional<Double> fusedError,
            List<OfTerm> terms) {}

    /// @param weight in the objective; value, norms and logits are without it
    /// @param denominator what the term is the mean over
    /// @param byPosition `[depth][t]`, as [dev.lethe.model.gradients.TermGradient#byPosition]
    public record OfTerm(
            String name,
            double weight,
            double value,
            double denominator,
            double norm,
            List<ParameterNorm> norms,
            double[][] byPosition,
            Optional<LogitGradient> byLogits) {}

    public OfObjective objective(String name) {
        return objectives.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "anatomy: no objective is named %s; there are %s"
                                                .formatted(
                                                        name,
                                                        objectives.stream()
                                                                .map(OfObjective::name)
                                                                .toList())));
    }
}
