package dev.lethe.bench.kernel;

import dev.lethe.bench.results.Work;
import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// An operation at one size, and what its passes cost.
///
/// @param forward work of the value
/// @param backward work of all gradients, the forward pass not counted
record Operation(
        List<Input> inputs, Function<Tensor[], Tensor> function, Work forward, Work backward) {
    /// F32 rounding, grown by sums of a few thousand terms.
    private static final double TOLERANCE = 2e-5;

    static Tensor[] inputs(List<Input> inputs, Backend backend, TensorArena arena, DType dtype) {
        Tensor[] made = new Tensor[inputs.size()];
        for (int i = 0; i < made.length; i++) {
            made[i] = inputs.get(i).on(backend, arena, dtype, i);
        }
        return made;
    }

    /// The direction that gradients are taken along.
    static Tensor seed(Shape shape, Backend backend, TensorArena arena, DType dtype) {
        return new Input.Normal(shape, 1, false).on(backend, arena, dtype, 1000);
    }

    static List<Tensor> differentiated(Tensor[] inputs) {
        List<Tensor> targets = new ArrayList<>();
        for (Tensor input : inputs) {
            if (input.requiresGradient()) {
                targets.add(input);
            }
        }
        return targets;
    }

    /// Value and gradients on `backend` in F32 beside the reference backend's in F64.
    ///
    /// @throws IllegalStateException where one is off by more than rounding
    void check(Backend backend) {
        List<double[]> expected;
        try (Backend reference = new ReferenceBackend()) {
            expected = results(reference, DType.F64);
        }
        List<double[]> got = results(backend, DType.F32);
        for (int i = 0; i < got.size(); i++) {
            requireClose(i == 0 ? "value" : "gradient " + i, expected.get(i), got.get(i));
        }
    }

    private List<double[]> results(Backend backend, DType dtype) {
        try (TensorArena arena = backend.openStep()) {
            Tensor[] made = inputs(inputs, backend, arena, dtype);
            Tensor value = function.apply(made);
            Tensor seed = seed(value.shape(), backend, arena, dtype);
            List<Tensor> targets = differentiated(made);
            Gradients gradients =
                    Autograd.gradients(value, seed, targets, Autograd.Mode.VALUES);
            List<double[]> results = new ArrayList<>();
            results.add(value.toDoubles());
            targets.forEach(target -> results.add(gradients.of(target).toDoubles()));
            return results;
        }
    }

    /// By the Euclidean distance, relative to what is expected.
    static void requireClose(String what, double[] expected, double[] got) {
        requireClose(what, expected, got, TOLERANCE);
    }

    static void requireClose(String what, double[] expected, double[] got, double tolerance) {
        double distance = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            distance += (expected[i] - got[i]) * (expected[i] - got[i]);
            size += expected[i] * expected[i];
        }
        double error = Math.sqrt(distance / size);
        if (!(error <= tolerance)) {
            throw new IllegalStateException(
                    ("%s: expected the reference's to %.0e, got a relative"
                            + " distance of %.2e; nothing was timed")
                            .formatted(what, tolerance, error));
        }
    }
}
