package dev.lethe.bench.kernel;

import static dev.lethe.engine.autograd.Geglu.geglu;

import dev.lethe.bench.results.Work;
import java.util.List;
import org.openjdk.jmh.annotations.Param;

/// The gated linear unit.
public class GegluBenchmark extends OpGradientBenchmark {
    /// `rows x width`: a micro-batch of S and of M, and two odd ones.
    @Param({"512x512", "512x1280", "37x129", "1021x67"})
    String shape;

    @Override
    Operation operation() {
        int[] size = dims(shape);
        double count = (double) size[0] * size[1];
        return new Operation(
                List.of(Input.normal(1, size), Input.normal(1, size)),
                in -> geglu(in[0], in[1]),
                Work.of((Work.TANH + 8) * count, 12 * count),
                Work.of((Work.TANH + 18) * count, 20 * count));
    }
}
