package dev.lethe.bench.kernel;

import static dev.lethe.engine.autograd.RmsNorm.rmsNorm;

import dev.lethe.bench.results.Work;
import java.util.List;
import org.openjdk.jmh.annotations.Param;

/// Root-mean-square normalisation of rows.
public class RmsNormBenchmark extends OpGradientBenchmark {
    /// `rows x width`: a micro-batch of S and of M, and two odd ones.
    @Param({"512x128", "512x320", "37x129", "1021x67"})
    String shape;

    @Override
    Operation operation() {
        int[] size = dims(shape);
        double count = (double) size[0] * size[1];
        return new Operation(
                List.of(Input.normal(1, size), Input.normal(0.1, size[1])),
                in -> rmsNorm(in[0], in[1], 1e-6),
                Work.of(4 * count, 8 * count),
                Work.of(9 * count, 12 * count));
    }
}
