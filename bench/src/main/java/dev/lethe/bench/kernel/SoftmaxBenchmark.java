package dev.lethe.bench.kernel;

import static dev.lethe.engine.autograd.Softmax.softmax;

import dev.lethe.bench.results.Work;
import java.util.List;
import org.openjdk.jmh.annotations.Param;

/// Softmax of rows; backward runs in primitives.
public class SoftmaxBenchmark extends OpGradientBenchmark {
    /// `rows x width`: attention scores of S and of M, and two odd ones.
    @Param({"2048x64", "2048x256", "37x129", "1021x67"})
    String shape;

    @Override
    Operation operation() {
        int[] size = dims(shape);
        double count = (double) size[0] * size[1];
        return new Operation(
                List.of(Input.normal(1, size)),
                in -> softmax(in[0]),
                Work.of((Work.EXP + 4) * count, 8 * count),
                Work.of(4 * count, 12 * count));
    }
}
