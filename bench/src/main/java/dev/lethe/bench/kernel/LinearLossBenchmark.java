package dev.lethe.bench.kernel;

import static dev.lethe.engine.autograd.LinearCrossEntropy.linearCrossEntropy;
import static dev.lethe.engine.autograd.LinearKl.linearKl;
import static dev.lethe.engine.autograd.LinearUniformKl.linearUniformKl;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Work;
import dev.lethe.engine.autograd.LinearHead;
import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/// Loss heads, from hidden states to a scalar. They make their gradients during a recorded forward
/// pass, so `forward` is the loss and its gradients, and `lossOnly` what an evaluation takes.
public class LinearLossBenchmark extends OpBenchmark {
    private static final int CHECKED_ROWS = 20; // more than the fewest rows of a chunk
    private static final int CHECKED_WIDTH = 8;
    private static final int CHECKED_VOCABULARY = 32_000;

    @Param({"crossEntropy", "kl", "uniformKl"})
    String loss;

    /// `rows x width`: a micro-batch of S and of M, and two odd ones.
    @Param({"512x128", "512x320", "37x129", "131x67"})
    String shape;

    @Param({"256", "2048", "32000", "256000"})
    int vocabulary;

    @Override
    Operation operation() {
        int[] size = dims(shape);
        return of(size[0], size[1], vocabulary, Input.ones(size[0]));
    }

    @Override
    Operation small() {
        return of(
                CHECKED_ROWS,
                CHECKED_WIDTH,
                Math.min(vocabulary, CHECKED_VOCABULARY),
                Input.ids(2, CHECKED_ROWS));
    }

    private Operation of(int rows, int width, int columns, Input mask) {
        Input hidden = Input.normal(1, rows, width);
        Input weight = Input.normal(1 / Math.sqrt(width), columns, width);
        Input fixed = Input.constant(1, rows, width);
        Input table = Input.constant(1 / Math.sqrt(width), columns, width);
        double product = 2.0 * rows * width * columns;
        double logits = (double) rows * columns;
        double matrices = 4.0 * ((double) rows * width + (double) columns * width);
        double perLogit = Work.TANH + Work.EXP + 6;
        // Work of the forward pass, and of the loss alone where a backward pass would stand.
        return switch (loss) {
            case "crossEntropy" ->
                    new Operation(
                            List.of(hidden, weight, Input.ids(columns, rows)),
                            in -> linearCrossEntropy(head(in, 0), in[2], rows),
                            Work.of(3 * product + perLogit * logits, 2 * matrices),
                            Work.of(product + perLogit * logits, matrices));
            case "uniformKl" ->
                    new Operation(
                            List.of(hidden, weight, mask),
                            in -> linearUniformKl(head(in, 0), in[2], rows),
                            Work.of(3 * product + perLogit * logits, 2 * matrices),
                            Work.of(product + perLogit * logits, matrices));
            case "kl" ->
                    new Operation(
                            List.of(hidden, weight, mask, fixed, table),
                            in -> linearKl(head(in, 0), head(in, 3), in[2], rows),
                            Work.of(4 * product + 2 * perLogit * logits, 3 * matrices),
                            Work.of(2 * product + 2 * perLogit * logits, 2 * matrices));
            default -> throw new IllegalArgumentException("loss: no head is named " + loss);
        };
    }

    /// The loss without its gradients.
    @Benchmark
    public Tensor lossOnly(Counters counters) {
        try (TensorArena _ = backend.openStep()) {
            Tensor value = Recording.off(() -> operation.function().apply(inputs));
            counters.add(operation.backward());
            finish();
            return value;
        }
    }

    private static LinearHead head(Tensor[] in, int at) {
        return new LinearHead(in[at], in[at + 1], 30);
    }
}
