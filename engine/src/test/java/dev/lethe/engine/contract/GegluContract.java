package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.GegluKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [GegluKernels].
public abstract class GegluContract extends FusedContract<GegluKernels> {
    @Override
    final Optional<GegluKernels> kernels(Backend backend, DType dtype) {
        return backend.geglu(dtype);
    }

    private void check(String what, DType dtype, double[] gate, double[] up, double[] dy) {
        GegluFormula truth = GegluFormula.of(Precision.DOUBLE, gate, up, dy);
        GegluFormula plain = GegluFormula.of(Precision.of(dtype), gate, up, dy);
        int count = gate.length;
        double[] sizeY = new double[count];
        double[] sizeGate = new double[count];
        double[] sizeUp = new double[count];
        for (int i = 0; i < count; i++) {
            // 1 + tanh and 1 - tanh^2 cancel: no element is better than these products
            sizeY[i] = gate[i] * up[i];
            sizeGate[i] = dy[i] * up[i] * (1 + Math.abs(Math.pow(gate[i], 3)) / 10);
            sizeUp[i] = dy[i] * gate[i];
        }
        verify(
                dtype,
                (kernels, bench) -> {
                    Buffer y = bench.output(count);
                    Buffer dGate = bench.output(count);
                    Buffer dUp = bench.output(count);
                    Buffer g = bench.input(gate);
                    Buffer u = bench.input(up);
                    kernels.forward(g, u, y);
                    kernels.backward(g, u, bench.input(dy), dGate, dUp);
                    Closeness.relative(truth.y(), plain.y())
                            .withMagnitude(sizeY)
                            .check(what + " y", dtype, bench.read(y));
                    Closeness.relative(truth.dGate(), plain.dGate())
                            .withMagnitude(sizeGate)
                            .check(what + " dGate", dtype, bench.read(dGate));
                    Closeness.relative(truth.dUp(), plain.dUp())
                            .withMagnitude(sizeUp)
                            .check(what + " dUp", dtype, bench.read(dUp));
                });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void forwardAndBackward(DType dtype) {
        for (int size : Numbers.ODD_SIZES) {
            Numbers numbers = new Numbers(size, dtype);
            check(
                    "geglu of " + size,
                    dtype,
                    numbers.normal(2, size),
                    numbers.normal(1, size),
                    numbers.normal(1, size));
        }
        Numbers numbers = new Numbers(9, dtype);
        double[] gate = numbers.uniform(-12, 12, 2000); // both flat ends
        check("wide geglu", dtype, gate, numbers.normal(1, 2000), numbers.normal(1, 2000));
        check("no geglu", dtype, new double[0], new double[0], new double[0]);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void nanPropagates(DType dtype) {
        for (int size : new int[] {3, 16, 33, 67}) {
            for (int position = 0; position < size; position++) {
                Numbers numbers = new Numbers(size, dtype);
                double[] gate = numbers.normal(1, size);
                double[] up = numbers.normal(1, size);
                double[] dy = numbers.normal(1, size);
                gate[position] = Double.NaN;
                up[(position + 1) % size] = Double.NaN;
                dy[(position + 2) % size] = Double.NaN;
                check("NaN at " + position, dtype, gate, up, dy);
            }
        }
    }

    /// An infinite factor gives an infinite product; gates far from zero keep finite gradients.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void infinityPropagates(DType dtype) {
        double[] gate = {1, 2, 30, -30, 300, -300, 1};
        double[] up = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1, 1, 1, 1, 2};
        double[] dy = {1, 1, 1, 1, 1, 1, Double.POSITIVE_INFINITY};
        check("infinity", dtype, gate, up, dy);
    }
}
