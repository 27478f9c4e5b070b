package dev.lethe.bench.kernel;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;

/// An operation's forward pass in F32, recorded as in training, one thread. Its value
/// and gradients are compared with the reference backend in F64 first.
public abstract class OpBenchmark extends Measured {
    private TensorArena kept;
    private TensorArena graph;
    Operation operation;
    Tensor[] inputs;
    List<Tensor> targets;
    Tensor output;
    Tensor seed;

    /// At the size that is timed.
    abstract Operation operation();

    /// At the size that is checked, for loops in F64: the timed one unless that takes too long.
    Operation small() {
        return operation();
    }

    /// `64x128` as numbers.
    static int[] dims(String shape) {
        return Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
    }

    /// Checks, then lays out the inputs and the graph that backward passes walk.
    @Override
    protected void prepare() {
        small().check(backend);
        operation = operation();
        kept = backend.openLongLived();
        inputs = Operation.inputs(operation.inputs(), backend, kept, DType.F32);
        targets = Operation.differentiated(inputs);
        graph = backend.openStep();
        output = operation.function().apply(inputs);
        seed = Operation.seed(output.shape(), backend, kept, DType.F32);
    }

    /// The value.
    @Benchmark
    public Tensor forward(Counters counters) {
        try (TensorArena _ = backend.openStep()) {
            Tensor value = operation.function().apply(inputs);
            counters.add(operation.forward());
            finish();
            return value;
        }
    }

    @Override
    protected void release() {
        graph.close();
        kept.close();
    }
}
