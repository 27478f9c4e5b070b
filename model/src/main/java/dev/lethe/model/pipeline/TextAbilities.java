package dev.lethe.model.pipeline;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.evaluate.CrossEntropy;
import dev.lethe.model.gemma2.Gemma2;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// How well a model predicts held-out English, which it is to keep, and Korean, which it is to forget,
/// in nats a token.
///
/// @param english held-out rows
/// @param korean held-out rows, as long as those
/// @param held Korean rows of the half that an attack on the other half does not see
record TextAbilities(Batch english, Batch korean, Batch held) {
    static final String RETAIN = "retain_ce";

    private static final String FORGET = "forget_ce";
    private static final double SMALLEST_CE = 1e-6; // PAPER 1.7

    SequencedMap<String, Double> of(Gemma2 model, Workers workers) {
        SequencedMap<String, Double> abilities = new LinkedHashMap<>();
        abilities.put(FORGET, new CrossEntropy(korean).of(model, workers));
        abilities.put(RETAIN, retained(model, workers));
        return abilities;
    }

    SequencedMap<String, Double> recovered(Data.Mixture attack, Gemma2 model, Workers workers) {
        SequencedMap<String, Double> recovered = new LinkedHashMap<>();
        recovered.put(FORGET, new CrossEntropy(korean).of(model, workers));
        if (attack == Data.Mixture.FORGET_HALF) {
            recovered.put("forget_heldout_ce", new CrossEntropy(held).of(model, workers));
        }
        return recovered;
    }

    double retained(Gemma2 model, Workers workers) {
        return new CrossEntropy(english).of(model, workers);
    }

    /// A share of the teacher's cross-entropy (PAPER 1.7).
    static boolean withinMargin(double student, double teacher, double margin) {
        return (student - teacher) / Math.max(teacher, SMALLEST_CE) < margin;
    }

    /// Both languages, English first.
    Batch mixed() {
        return english.and(korean);
    }
}
