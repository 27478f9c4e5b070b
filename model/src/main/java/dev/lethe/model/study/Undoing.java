package dev.lethe.model.study;

import java.util.SequencedMap;

/// How much of the way from base to unlearned model relearning goes back.
///
/// @param whole over all parameters
/// @param byGroup over those of a [ParameterPlace#group], in order
public record Undoing(Part whole, SequencedMap<String, Part> byGroup) {
    /// With u the displacement by unlearning and r that by relearning.
    ///
    /// @param fraction `-(r u) / |u|^2`: 1 when all of u is taken back, whatever else changed; 0
    ///     where nothing had moved
    /// @param cosine of -r and u: 1 when relearning goes straight back
    /// @param remaining `|u + r| / |u|`: distance from base afterwards, as a part of that before
    public record Part(double fraction, double cosine, double remaining) {}
}
