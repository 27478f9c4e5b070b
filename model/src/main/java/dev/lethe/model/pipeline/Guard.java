package dev.lethe.model.pipeline;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/// What is added to unlearning so that it withstands relearning: the baselines of the paper.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "guard")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Guard.None.class, name = "none"),
    @JsonSubTypes.Type(value = Guard.Sam.class, name = "sam"),
    @JsonSubTypes.Type(value = Guard.RepNoise.class, name = "repnoise")
})
public sealed interface Guard permits Guard.None, Guard.Sam, Guard.RepNoise {
    /// Nothing.
    record None() implements Guard {}

    /// Sharpness-aware minimisation (PAPER 1.4).
    ///
    /// @param rho length of the step uphill
    record Sam(double rho) implements Guard {}

    /// Representation noising (PAPER 1.5).
    ///
    /// @param alpha weight of the ascent on forget data
    /// @param beta weight of the noise term
    record RepNoise(double alpha, double beta) implements Guard {}
}
