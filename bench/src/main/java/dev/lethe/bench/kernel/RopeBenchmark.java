package dev.lethe.bench.kernel;

import static dev.lethe.engine.autograd.Rope.rope;

import dev.lethe.bench.results.Work;
import java.util.List;
import org.openjdk.jmh.annotations.Param;

/// Rotary position embedding.
public class RopeBenchmark extends OpGradientBenchmark {
    /// `rows x tokens x heads x headDim`: queries of a micro-batch of S and of M, and two odd ones.
    @Param({"8x64x4x32", "2x256x8x64", "3x37x5x6", "1x1021x3x18"})
    String shape;

    @Override
    Operation operation() {
        int[] size = dims(shape);
        double count = (double) size[0] * size[1] * size[2] * size[3];
        Work work = Work.of(3 * count, 8 * count);
        return new Operation(
                List.of(Input.normal(1, size)), in -> rope(in[0], 10_000, 0), work, work);
    }
}
