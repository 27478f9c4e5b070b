package dev.lethe.tools.gradients;

import com.fasterxml.jackson.annotation.JsonProperty;

import dev.lethe.tools.command.ArenaUse;
import java.util.SequencedMap;

/// What `lethe gradients --json` prints.
///
/// @param loss the weighted sum of the terms
/// @param terms each not weighted
/// @param denominators how many targets, positions or elements each term is the mean over
/// @param gradientNorm over the tensors written
record GradientsReport(
        double loss,
        SequencedMap<String, Double> terms,
        SequencedMap<String, Long> denominators,
        @JsonProperty("gradient_norm") double gradientNorm,
        String device,
        String dtype,
        ArenaUse arena) {}
