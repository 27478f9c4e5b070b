package dev.lethe.model.study;

import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// How far a model has moved from a base of the same shapes.
///
/// @param whole over all parameters
/// @param byGroup over those of a [ParameterPlace#group], in order
/// @param parameters one a parameter
public record Movement(
        Shift whole, SequencedMap<String, Shift> byGroup, List<OfParameter> parameters) {
    /// @param baseNorm length of the base
    /// @param distance length of the displacement
    /// @param angle between base and model as vectors, in radians; 0 where one is zero
    public record Shift(double baseNorm, double distance, double angle) {
        /// The displacement as a part of the base; infinite where only the base is zero.
        public double relative() {
            return distance == 0 ? 0 : distance / baseNorm;
        }
    }

    /// @param rank of the displacement, for matrices
    public record OfParameter(ParameterPlace place, Shift shift, Optional<Rank> rank) {}

    /// How many directions a displacement uses.
    ///
    /// @param effective the exponential of the entropy of the singular values, taken as shares of
    ///     their sum (Roy and Vetterli 2007): 1 for a single direction, the full rank for equal
    ///     ones
    /// @param stable `sum of squares / largest square`, insensitive to small ones
    /// @param singularValues descending
    public record Rank(double effective, double stable, double[] singularValues) {}
}
