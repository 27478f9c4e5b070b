package dev.lethe.bench.kernel;

import dev.lethe.bench.results.Work;
import dev.lethe.engine.autograd.Attention;
import java.util.List;
import org.openjdk.jmh.annotations.Param;

/// Causal grouped-query attention with soft-cap on 2,048 tokens or one row. Arithmetic counts
/// visible pairs alone: 4 operations a pair and dimension forward (scores, weighted values) and 10
/// backward (scores again, gradients of probabilities, queries, keys, values), and the functions of
/// a score.
public class AttentionBenchmark extends OpGradientBenchmark {
    private static final int TOKENS_IN_ALL = 2048;
    private static final int CHECKED_TOKENS = 96; // more than a kernel's block of queries

    /// `heads x kvHeads x headDim` of S, of M, and two odd ones.
    @Param({"4x2x32", "8x4x64", "3x1x18", "5x5x66"})
    String heads;

    @Param({"64", "256", "1024"})
    int tokens;

    /// `full`, or a window of a quarter of the tokens.
    @Param({"full", "quarter"})
    String window;

    @Override
    Operation operation() {
        return of(Math.max(1, TOKENS_IN_ALL / tokens), tokens);
    }

    @Override
    Operation small() {
        return of(1, Math.min(tokens, CHECKED_TOKENS));
    }

    private Operation of(int rows, int length) {
        int[] size = dims(heads);
        int seen = window.equals("full") ? length : length / 4;
        int width = size[2];
        Attention attention = new Attention(1 / Math.sqrt(width), 50, seen);
        double pairs = (double) rows * size[0] * visible(length, seen);
        double queries = 4.0 * rows * length * size[0] * width; // bytes
        double keys = 4.0 * rows * length * size[1] * width;
        return new Operation(
                List.of(
                        Input.normal(1, rows, length, size[0], width),
                        Input.normal(1, rows, length, size[1], width),
                        Input.normal(1, rows, length, size[1], width)),
                in -> attention.attend(in[0], in[1], in[2]),
                Work.of(pairs * (4 * width + Work.TANH + Work.EXP + 5), 2 * queries + 2 * keys),
                Work.of(pairs * (10 * width + Work.TANH + Work.EXP + 10), 4 * queries + 4 * keys));
    }

    /// Pairs of a query and a key that it sees.
    private static double visible(int length, int window) {
        return (double) length * window - window * (window - 1.0) / 2;
    }
}
