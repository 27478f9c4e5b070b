package dev.lethe.tools.study;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.Coordinates;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// Gradients of single examples at some models, to be written as they are where all of them
/// together are small enough: each is as large as a model.
final class RawGradients {
    private static final double MIB = 0x1p20;

    private final double mostMiB;
    private final int models;
    private final SequencedMap<String, double[][]> tensors = new LinkedHashMap<>();
    private double needed;

    /// @param models that will be kept
    RawGradients(double mostMiB, int models) {
        this.mostMiB = mostMiB;
        this.models = models;
    }

    /// @param gradients `[example][coordinate]` over all parameters of the model
    void keep(String name, double[][] gradients, Gemma2 model) {
        Coordinates all = Coordinates.of(model.parameters());
        needed = (double) models * gradients.length * all.dimension() * Double.BYTES / MIB;
        if (needed > mostMiB) {
            return;
        }
        all.spans()
                .forEach(
                        (parameter, span) -> {
                            double[][] own = new double[gradients.length][span.length()];
                            for (int row = 0; row < own.length; row++) {
                                System.arraycopy(
                                        gradients[row], span.from(), own[row], 0, span.length());
                            }
                            tensors.put(name + ".gradients." + parameter, own);
                        });
    }

    /// Why there are none, where they were too large.
    Optional<String> leftOut() {
        return needed > mostMiB
                ? Optional.of(
                        Text.format(
                                "raw gradients of %d models take %.0f MiB, more than gradientsMiB"
                                    + " %.0f, so they are not written; raise it or draw fewer",
                                models, needed, mostMiB))
                : Optional.empty();
    }

    /// As `MODEL.gradients.PARAMETER`, `[examples, elements]`.
    void add(Answer.Builder answer) {
        tensors.forEach((name, values) -> answer.tensor(name, values));
    }
}
