package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.RopeKernels;
import dev.lethe.engine.backend.RopeKernels.Rotation;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [RopeKernels].
public abstract class RopeContract extends FusedContract<RopeKernels> {
    private static final List<Rotation> ROTATIONS =
            List.of(
                    new Rotation(1, 1, 1, 2, 10_000, 0),
                    new Rotation(1, 1, 1, 2, 10_000, 3),
                    new Rotation(2, 3, 1, 8, 10_000, 0),
                    new Rotation(1, 17, 3, 16, 10_000, 0),
                    new Rotation(3, 7, 2, 32, 10_000, 5),
                    new Rotation(2, 33, 5, 34, 500, 0),
                    new Rotation(1, 2, 7, 64, 10_000, 4000),
                    new Rotation(1, 130, 1, 6, 1_000_000, 1));

    @Override
    final Optional<RopeKernels> kernels(Backend backend, DType dtype) {
        return backend.rope(dtype);
    }

    private void check(Rotation rotation, boolean inverse, DType dtype, double[] x) {
        double[] truth = RopeFormula.rotate(Precision.DOUBLE, rotation, inverse, x);
        double[] plain = RopeFormula.rotate(Precision.of(dtype), rotation, inverse, x);
        int half = rotation.headDim() / 2;
        double[] length = new double[x.length]; // of each element's pair, which the rotation keeps
        for (int i = 0; i < x.length; i++) {
            boolean first = i % rotation.headDim() < half;
            length[i] = Math.hypot(x[i], x[first ? i + half : i - half]);
        }
        Closeness expected = Closeness.relative(truth, plain).withMagnitude(length);
        verify(
                dtype,
                (kernels, bench) -> {
                    Buffer y = bench.output(x.length);
                    kernels.rotate(rotation, inverse, bench.input(x), y);
                    expected.check(rotation + " inverse " + inverse, dtype, bench.read(y));
                });
    }

    private static double[] elements(Rotation rotation, DType dtype) {
        int count = rotation.batch() * rotation.tokens() * rotation.heads() * rotation.headDim();
        return new Numbers(rotation.hashCode(), dtype).normal(1, count);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void rotatesBothWays(DType dtype) {
        for (Rotation rotation : ROTATIONS) {
            check(rotation, false, dtype, elements(rotation, dtype));
            check(rotation, true, dtype, elements(rotation, dtype));
        }
    }

    /// The inverse undoes the rotation, which also makes it the adjoint.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void inverseUndoes(DType dtype) {
        for (Rotation rotation : ROTATIONS) {
            double[] x = elements(rotation, dtype);
            verify(
                    dtype,
                    (kernels, bench) -> {
                        Buffer y = bench.output(x.length);
                        Buffer back = bench.output(x.length);
                        kernels.rotate(rotation, false, bench.input(x), y);
                        kernels.rotate(rotation, true, bench.input(bench.read(y)), back);
                        // in BF16 y was rounded: each of its pair's two errors counts at most once
                        Closeness.uniform(x, x, 0)
                                .withRoundings(2)
                                .check("back from " + rotation, dtype, bench.read(back));
                    });
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void nanAndInfinityPropagate(DType dtype) {
        Rotation rotation = new Rotation(2, 3, 2, 34, 10_000, 1);
        double[] x = elements(rotation, dtype);
        x[5] = Double.NaN;
        x[40] = Double.POSITIVE_INFINITY;
        x[x.length - 1] = Double.NaN;
        check(rotation, false, dtype, x);
        check(rotation, true, dtype, x);
    }
}
