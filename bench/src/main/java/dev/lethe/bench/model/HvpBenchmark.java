package dev.lethe.bench.model;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.bench.results.Work;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gradients.ExactGradients;
import dev.lethe.model.objective.NextToken;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/// The gradient of the next-token loss, and its Hessian times a direction, in primitives.
/// Arithmetic is counted as that of the matrices: 3 forward passes for the gradient and 9 with the
/// product, which differentiates forward and backward pass once more.
public class HvpBenchmark extends Measured {
    private static final int ROWS = 8;
    private static final double TOLERANCE = 1e-3; // F32 twice through the chain

    @Param({"XS", "S"})
    String configuration;

    @Param({"F32", "F64"})
    DType dtype;

    @Param("2")
    int threads;

    private Workers workers;
    private Gemma2 model;
    private Parameters direction;
    private ExactGradients.Point point;
    private double forwardFlops;

    @Override
    protected void prepare() {
        Configuration size = Configuration.valueOf(configuration);
        workers = new Workers(threads);
        check(size.config().toBuilder().layers(1).vocabSize(31).build());
        model = Configuration.model(size.config(), backend, dtype);
        direction = direction(model);
        point = point(model, ROWS, size.tokens());
        forwardFlops = ROWS * CausalFlops.forward(size.config(), size.tokens());
    }

    private static ExactGradients.Point point(Gemma2 model, int rows, int tokens) {
        StepBatch batch = Task.PRETRAIN.batch(model.config(), rows, tokens);
        return new ExactGradients.Point(model, new NextToken(), batch);
    }

    private static Parameters direction(Gemma2 model) {
        Parameters direction = model.parameters().zerosLike();
        for (int i = 0; i < direction.names().size(); i++) {
            direction
                    .backend()
                    .random()
                    .fill(
                            new PhiloxStream(1, Purpose.PROBE, i),
                            0,
                            Distribution.Normal.STANDARD,
                            direction.get(direction.names().get(i)).buffer());
        }
        direction.flat().markChanged();
        return direction;
    }

    private void check(Gemma2Config tiny) {
        double[] got = product(tiny, backend, dtype);
        try (Backend reference = new ReferenceBackend()) {
            Checks.requireClose("hvp", product(tiny, reference, DType.F64), got, TOLERANCE);
        }
    }

    private double[] product(Gemma2Config tiny, Backend on, DType type) {
        try (Gemma2 small = Configuration.model(tiny, on, type);
                Parameters along = direction(small);
                ExactGradients found =
                        ExactGradients.along(point(small, 2, 5), along, workers)) {
            return Checks.values(found.product().orElseThrow());
        }
    }

    /// The gradient alone.
    @Benchmark
    public double gradient(Counters counters) {
        try (ExactGradients found =
                ExactGradients.of(point, model.parameters().names(), workers)) {
            return counted(counters, found, 3);
        }
    }

    /// The gradient and the product.
    @Benchmark
    public double product(Counters counters) {
        try (ExactGradients found = ExactGradients.along(point, direction, workers)) {
            return counted(counters, found, 9);
        }
    }

    private double counted(Counters counters, ExactGradients found, int passes) {
        double flops = passes * forwardFlops;
        counters.add(dtype == DType.F32 ? Work.of(flops, 0) : new Work(0, flops, 0));
        counters.tokens += point.batch().tokens();
        counters.heldBytes += backend.memory().reservedBytes();
        return found.loss();
    }

    @Override
    protected void release() {
        direction.close();
        model.close();
        workers.close();
    }
}
