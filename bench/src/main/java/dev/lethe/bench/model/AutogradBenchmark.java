package dev.lethe.bench.model;

import static dev.lethe.engine.autograd.Affine.affine;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// What the engine costs beyond its kernels: an operation on one number with and without a node, a
/// node of a backward walk, and of a step of S on one thread the share of time inside kernels.
public class AutogradBenchmark extends Measured {
    private static final int NODES = 1000;

    private TensorArena kept;
    private TensorArena graph;
    private Tensor leaf;
    private Tensor output;

    /// A trainer whose kernels are timed.
    @State(Scope.Thread)
    public static class TimedStep {
        private KernelClock clock;
        private Workers workers;
        private Gemma2 model;
        private Trainer trainer;
        private StepBatch batch;

        /// Builds it.
        @Setup(Level.Trial)
        public void open() {
            clock = new KernelClock(Backends.open("cpu"));
            workers = new Workers(1);
            Task.PRETRAIN.check(clock.backend(), workers);
            Configuration size = Configuration.S;
            model = Configuration.model(size.config(), clock.backend(), DType.F32);
            TrainingPlan plan =
                    TrainingPlan.of(
                            Long.MAX_VALUE,
                            size.microBatches(),
                            new Schedule.Constant(1e-3, 0));
            trainer = new Trainer(model, new NextToken(), plan, workers);
            batch = Task.PRETRAIN.batch(size.config(), size.rows(), size.tokens());
        }

        /// Gives it back.
        @TearDown(Level.Trial)
        public void close() {
            trainer.close();
            model.close();
            workers.close();
            clock.backend().close();
        }
    }

    @Override
    protected void prepare() {
        kept = backend.openLongLived();
        Buffer one = kept.allocate(DType.F32, 1);
        backend.elementwise().fill(1, one);
        leaf = Tensor.leaf(backend, one, Shape.of(1), true);
        graph = backend.openStep();
        output = chain();
        double slope = walked().of(leaf).item();
        if (output.item() != NODES + 1 || slope != 1) {
            throw new IllegalStateException(
                    "chain: expected %d and slope 1, got %s and %s"
                            .formatted(NODES + 1, output.item(), slope));
        }
    }

    /// `1 + 1 + ... + 1`.
    private Tensor chain() {
        Tensor x = leaf;
        for (int i = 0; i < NODES; i++) {
            x = affine(x, 1, 1);
        }
        return x;
    }

    private Gradients walked() {
        return Autograd.gradients(output, List.of(leaf));
    }

    /// An operation that leaves a node.
    @Benchmark
    @OperationsPerInvocation(NODES)
    public Tensor recorded() {
        try (TensorArena _ = backend.openStep()) {
            return chain();
        }
    }

    /// An operation that leaves none.
    @Benchmark
    @OperationsPerInvocation(NODES)
    public Tensor unrecorded() {
        try (TensorArena _ = backend.openStep()) {
            return Recording.off(this::chain);
        }
    }

    /// A node of a backward walk, its kernel on one number included.
    @Benchmark
    @OperationsPerInvocation(NODES)
    public Gradients walk() {
        try (TensorArena _ = backend.openStep()) {
            return walked();
        }
    }

    /// A step of S: `kernelSeconds` a second is the share of the kernels, the clock that tells it
    /// included, and the rest the engine's.
    @Benchmark
    public double stepOfS(TimedStep timed, Counters counters) {
        timed.clock.reset();
        double loss = timed.trainer.step(timed.batch).loss();
        counters.kernelSeconds += timed.clock.seconds() + timed.clock.ownSeconds();
        counters.tokens += timed.batch.tokens();
        return loss;
    }

    @Override
    protected void release() {
        graph.close();
        kept.close();
    }
}
