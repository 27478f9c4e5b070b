package dev.lethe.bench.kernel;

import static dev.lethe.engine.autograd.Gather.gather;

import dev.lethe.bench.results.Work;
import java.util.List;
import org.openjdk.jmh.annotations.Param;

/// Rows of a table by number; backward is the scatter-add into a table of zeros.
public class GatherBenchmark extends OpGradientBenchmark {
    /// `ids x table rows x width`: embeddings of a micro-batch of S and of M, and two odd ones.
    @Param({"512x256x128", "512x2048x320", "37x129x67", "1021x32003x33"})
    String shape;

    @Override
    Operation operation() {
        int[] size = dims(shape);
        double moved = 4.0 * size[0] * size[2];
        double table = 4.0 * size[1] * size[2];
        return new Operation(
                List.of(Input.normal(1, size[1], size[2]), Input.ids(size[1], size[0])),
                in -> gather(in[0], in[1]),
                Work.of(0, 2 * moved),
                Work.of(moved / 4, table + 3 * moved));
    }
}
