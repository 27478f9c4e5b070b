package dev.lethe.bench.kernel;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.bench.results.Work;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.perturb.Perturbation;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/// UNDO's shrink and perturb of a matrix, noise drawn on the fly; the ceiling is that of reading
/// and writing the weights once.
public class PerturbationBenchmark extends Measured {
    private static final Perturbation HALF = new Perturbation(0.5, 0.1);

    /// `rows x columns`: the MLP of S and of M, and two odd ones.
    @Param({"512x128", "1280x320", "37x129", "1021x1031"})
    String shape;

    private Parameters weights;

    @Override
    protected void prepare() {
        int[] size = OpBenchmark.dims(shape);
        Shape matrix = Shape.of(size);
        weights =
                Parameters.allocate(
                        backend, DType.F32, List.of(new Parameters.Spec("w", matrix)));
        backend.random()
                .fill(
                        new PhiloxStream(1, Purpose.PROBE, 0),
                        0,
                        Distribution.Normal.STANDARD,
                        weights.get("w").buffer());
        weights.flat().markChanged();
        double[] expected = weights.get("w").toDoubles();
        PhiloxStream noise = new PhiloxStream(7, Purpose.PERTURBATION, 0);
        double bound = Math.sqrt(6.0 / (size[0] + size[1]));
        for (int i = 0; i < expected.length; i++) {
            double drawn = noise.uniform(i, -1, 1);
            expected[i] = 0.5 * expected[i] + 0.5 * 0.1 * bound * drawn;
        }
        HALF.apply(weights, 7);
        Operation.requireClose("perturb", expected, weights.get("w").toDoubles(), 1e-6);
    }

    /// One pass over the weights.
    @Benchmark
    public void apply(Counters counters) {
        HALF.apply(weights, 7);
        counters.add(Work.of(3.0 * weights.count(), 8.0 * weights.count()));
    }

    @Override
    protected void release() {
        weights.close();
    }
}
