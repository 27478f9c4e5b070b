package dev.lethe.model.gradients;

import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.model.gemma2.ForwardPass;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.ExactGradients.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Norms of an objective's gradient by the residual stream at each depth and token position, over
/// all rows: of whatever forward passes of the model the objective makes. Passes over the same rows
/// are one stream, so their gradients are added before squares are taken.
final class StreamNorms {
    private final Gemma2 model;
    private final double[][] squares; // [depth][t]

    private StreamNorms(Gemma2 model, int tokens) {
        this.model = model;
        this.squares = new double[model.config().layers() + 1][tokens];
    }

    static StreamNorms of(Point point) {
        int tokens =
                point.batch().roles().stream()
                        .mapToInt(role -> point.batch().get(role).tokens())
                        .max()
                        .orElse(0);
        return new StreamNorms(point.model(), tokens);
    }

    /// The model's own passes that a gradient reaches, of one part of the batch.
    Watched watch(List<ForwardPass> passes) {
        return new Watched(
                squares.length,
                squares[0].length,
                passes.stream()
                        .filter(pass -> pass.model() == model)
                        .filter(pass -> pass.activations().embeddings().requiresGradient())
                        .toList());
    }

    /// Which rows a pass was over.
    private record Rows(int tokens, List<Integer> ids) {
        static Rows of(ForwardPass pass) {
            return new Rows(
                    pass.ids().shape().dim(1),
                    Arrays.stream(pass.ids().toInts()).boxed().toList());
        }
    }

    record Watched(int depths, int tokens, List<ForwardPass> passes) {
        /// To ask gradients of.
        List<Tensor> tensors() {
            return passes.stream().flatMap(pass -> pass.activations().stream().stream()).toList();
        }

        /// `[depth][t]`.
        double[][] squares(Gradients found) {
            SequencedMap<Rows, List<double[]>> sums = new LinkedHashMap<>();
            for (ForwardPass pass : passes) {
                add(pass, found, sums.computeIfAbsent(Rows.of(pass), _ -> new ArrayList<>()));
            }
            double[][] squares = new double[depths][tokens];
            sums.forEach(
                    (rows, stream) -> {
                        for (int depth = 0; depth < stream.size(); depth++) {
                            addTo(
                                    StreamNorms.squares(stream.get(depth), rows.tokens(), width()),
                                    squares[depth]);
                        }
                    });
            return squares;
        }

        private static void add(ForwardPass pass, Gradients found, List<double[]> sums) {
            List<Tensor> stream = pass.activations().stream();
            for (int depth = 0; depth < stream.size(); depth++) {
                double[] own = found.of(stream.get(depth)).toDoubles();
                if (depth == sums.size()) {
                    sums.add(own);
                } else {
                    addTo(own, sums.get(depth));
                }
            }
        }

        private int width() {
            return passes.getFirst().model().config().hiddenSize();
        }
    }

    void add(double[][] part) {
        for (int depth = 0; depth < squares.length; depth++) {
            addTo(part[depth], squares[depth]);
        }
    }

    double[][] norms() {
        return Arrays.stream(squares)
                .map(row -> Arrays.stream(row).map(Math::sqrt).toArray())
                .toArray(double[][]::new);
    }

    /// `[B,T,H]`, H wide, to a sum of squares a position.
    static double[] squares(double[] gradient, int tokens, int width) {
        double[] squares = new double[tokens];
        for (int i = 0; i < gradient.length; i++) {
            squares[i / width % tokens] += gradient[i] * gradient[i];
        }
        return squares;
    }

    private static void addTo(double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            y[i] += x[i];
        }
    }
}
