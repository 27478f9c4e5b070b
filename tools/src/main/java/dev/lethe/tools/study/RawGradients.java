package dev.lethe.tools.study;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.Coordinates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Gradients of single examples at some models, to be written as they are, model by model as long
/// as there is room: each is as large as a model.
final class RawGradients {
    private static final double MIB = 0x1p20;

    private final double mostMiB;
    private final SequencedMap<String, double[][]> tensors = new LinkedHashMap<>();
    private final List<String> leftOut = new ArrayList<>();
    private double used;

    /// @param mostMiB of all together
    RawGradients(double mostMiB) {
        this.mostMiB = mostMiB;
    }

    /// @param gradients `[example][coordinate]` over all parameters of the model
    void keep(String name, double[][] gradients, Gemma2 model) {
        Coordinates all = Coordinates.of(model.parameters());
        double own = (double) gradients.length * all.dimension() * Double.BYTES / MIB;
        if (used + own > mostMiB) {
            leftOut.add("%s (%s MiB)".formatted(name, Text.number(own)));
            return;
        }
        used += own;
        all.spans()
                .forEach(
                        (parameter, span) -> {
                            double[][] part = new double[gradients.length][span.length()];
                            for (int row = 0; row < part.length; row++) {
                                System.arraycopy(
                                        gradients[row], span.from(), part[row], 0, span.length());
                            }
                            tensors.put(name + ".gradients." + parameter, part);
                        });
    }

    /// Which did not fit, where some did not.
    Optional<String> leftOut() {
        return leftOut.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "raw gradients of %s are more than gradientsMiB %s takes and not written; raise it or draw fewer"
                                .formatted(String.join(", ", leftOut), Text.number(mostMiB)));
    }

    /// As `MODEL.gradients.PARAMETER`, `[examples, elements]`.
    void add(Answer.Builder answer) {
        tensors.forEach((name, values) -> answer.tensor(name, values));
    }
}
