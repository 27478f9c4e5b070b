package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.PerturbationKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [PerturbationKernels].
public abstract class PerturbationContract extends FusedContract<PerturbationKernels> {
    private static final PhiloxStream STREAM =
            new PhiloxStream(0x1234_5678_9abc_def0L, Purpose.PERTURBATION, 3);

    @Override
    final Optional<PerturbationKernels> kernels(Backend backend, DType dtype) {
        return backend.perturbation(dtype);
    }

    private void check(DType dtype, double keep, double strength, double... weights) {
        double[] truth =
                PerturbationFormula.of(Precision.DOUBLE, dtype, STREAM, keep, strength, weights);
        double[] plain =
                PerturbationFormula.of(
                        Precision.of(dtype.accumulator()), dtype, STREAM, keep, strength, weights);
        String what = "%s w + %s n, %d elements".formatted(keep, strength, weights.length);
        verify(
                dtype,
                (kernels, bench) -> {
                    Buffer w = bench.changing(weights);
                    kernels.perturb(STREAM, keep, strength, w);
                    double[] got = bench.read(w);
                    Closeness.uniform(truth, plain, keep + strength).check(what, dtype, got);
                    Assertions.assertArrayEquals(
                            Numbers.exact(dtype, plain), got, what + ", the bits of primitives");
                });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void shrinksAndPerturbs(DType dtype) {
        for (int size : Numbers.ODD_SIZES) {
            double[] weights = new Numbers(size, dtype).normal(0.3, size);
            check(dtype, 0.4, 0.6 * 0.1 * 0.037, weights);
            check(dtype, 0, 0.21, weights);
            check(dtype, 1, 0.5, weights);
        }
        check(dtype, 0.7, 0.3, new Numbers(1, dtype).normal(1, 4999));
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void withoutStrengthItShrinksAlone(DType dtype) {
        check(dtype, 0.25, 0, new Numbers(1, dtype).normal(1, 67));
        check(dtype, 1, 0, new Numbers(2, dtype).normal(1, 67));
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void nanStaysInItsElement(DType dtype) {
        double[] weights = new Numbers(3, dtype).normal(1, 67);
        weights[40] = Double.NaN;
        weights[41] = Double.NEGATIVE_INFINITY;
        check(dtype, 0.5, 0.1, weights);
    }
}
