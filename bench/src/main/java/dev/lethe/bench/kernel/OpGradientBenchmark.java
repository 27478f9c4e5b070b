package dev.lethe.bench.kernel;

import dev.lethe.bench.results.Counters;
import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.backend.TensorArena;
import org.openjdk.jmh.annotations.Benchmark;

/// An operation whose backward pass is worth a time of its own.
public abstract class OpGradientBenchmark extends OpBenchmark {
    /// All gradients.
    @Benchmark
    public Gradients backward(Counters counters) {
        try (TensorArena _ = backend.openStep()) {
            Gradients gradients =
                    Autograd.gradients(output, seed, targets, Autograd.Mode.VALUES);
            counters.add(operation.backward());
            finish();
            return gradients;
        }
    }
}
