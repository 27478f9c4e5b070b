package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.Workbench.Placement;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/// What all contracts share: the tested backend and the reference, opened once a class.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class KernelContract {
    private Backend tested;
    private Backend reference;

    /// A fresh instance of the backend under test; the contract closes it.
    protected abstract Backend open();

    @BeforeAll
    final void openBackends() {
        tested = open();
        reference = new ReferenceBackend();
    }

    @AfterAll
    final void closeBackends() {
        Assertions.assertEquals(0, tested.memory().openArenas(), "arenas left open");
        tested.close();
        reference.close();
    }

    final Backend tested() {
        return tested;
    }

    /// Uploads the inputs, calls one kernel, and reads its output.
    interface Run {
        double[] on(Workbench bench, double[]... inputs);
    }

    final double[] run(Backend backend, DType dtype, Placement place, Run run, double[]... inputs) {
        try (Workbench bench = new Workbench(backend, dtype, place)) {
            return run.on(bench, inputs);
        }
    }

    /// Whether the tested backend lacks this type; it must then say so in one line.
    final boolean absent(DType dtype) {
        if (tested.supports(dtype)) {
            return false;
        }
        Assertions.assertEquals(DType.BF16, dtype, "the only type that a backend may lack");
        try (TensorArena step = tested.openStep()) {
            String refusal =
                    Assertions.assertThrows(
                                    IllegalArgumentException.class, () -> step.allocate(dtype, 1))
                            .getMessage();
            Assertions.assertEquals(1, refusal.lines().count(), refusal);
            Assertions.assertTrue(refusal.contains("got BF16; use "), refusal);
        }
        return true;
    }

    /// What the reference says of a primitive, each element measured by its own size.
    final Closeness reference(DType dtype, Run run, double[]... inputs) {
        return Closeness.relative(
                run(reference, DType.F64, Placement.ALIGNED, run, inputs),
                run(reference, dtype.accumulator(), Placement.ALIGNED, run, inputs));
    }

    /// As [#reference], for sums of products: measured by the same kernel on absolute values.
    final Closeness referenceOfSums(DType dtype, Run run, double[]... inputs) {
        double[][] absolute = new double[inputs.length][];
        for (int i = 0; i < inputs.length; i++) {
            absolute[i] = Numbers.absolute(inputs[i]);
        }
        return reference(dtype, run, inputs)
                .withMagnitude(run(reference, DType.F64, Placement.ALIGNED, run, absolute));
    }

    /// Runs the tested backend on aligned and on odd addresses.
    final void check(
            String what, DType dtype, Closeness expected, Run run, double[]... inputs) {
        if (absent(dtype)) {
            return;
        }
        for (Placement placement : Placement.values()) {
            expected.check(
                    what + " " + placement, dtype, run(tested, dtype, placement, run, inputs));
        }
    }

    /// As check, for kernels that must give the reference's very bits.
    final void checkExactly(String what, DType dtype, Run run, double[]... inputs) {
        if (absent(dtype)) {
            return;
        }
        checkBits(what, dtype, run(reference, dtype, Placement.ALIGNED, run, inputs), run, inputs);
    }

    /// As checkExactly, for one operation with one right result: that of the reference in F64,
    /// whose 53 bits are more than twice those of F32 and BF16, rounded to the tested type.
    final void checkRounded(String what, DType dtype, Run run, double[]... inputs) {
        if (absent(dtype)) {
            return;
        }
        double[] exact = run(reference, DType.F64, Placement.ALIGNED, run, inputs);
        checkBits(what, dtype, Numbers.exact(dtype, exact), run, inputs);
    }

    private void checkBits(
            String what, DType dtype, double[] expected, Run run, double[]... inputs) {
        for (Placement placement : Placement.values()) {
            double[] got = run(tested, dtype, placement, run, inputs);
            Assertions.assertArrayEquals(
                    expected, got, () -> "%s %s %s".formatted(what, dtype, placement));
        }
    }

    static double sum(double[] values) {
        return DoubleStream.of(values).sum();
    }
}
