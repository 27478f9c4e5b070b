package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import dev.lethe.engine.backend.GegluKernels;
import dev.lethe.engine.memory.Buffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// F32. Since `(1 + tanh u) / 2 = 1 / (1 + e^(-2u))`, `gelu_tanh(g) = g s` with
/// `s = 1 / (1 + e^-z)`, `z = 2 sqrt(2/pi) (g + 0.044715 g^3)`; its derivative is `s + g s (1 - s) z'`.
final class CpuGeglu implements GegluKernels {
    private static final double SLOPE = 2 * Math.sqrt(2 / Math.PI);
    private static final float LINEAR = (float) SLOPE;
    private static final float CUBIC = (float) (SLOPE * 0.044715);

    @Override
    public void forward(Buffer gate, Buffer up, Buffer y) {
        int n = Expect.count("geglu: gate", gate);
        forward(
                Expect.floats("geglu: gate", gate, n),
                Expect.floats("geglu: up", up, n),
                Expect.floats("geglu: y", y, n),
                n);
    }

    @Override
    public void backward(Buffer gate, Buffer up, Buffer dy, Buffer dGate, Buffer dUp) {
        int n = Expect.count("geglu: gate", gate);
        backward(
                Expect.floats("geglu: gate", gate, n),
                Expect.floats("geglu: up", up, n),
                Expect.floats("geglu: dy", dy, n),
                Expect.floats("geglu: dGate", dGate, n),
                Expect.floats("geglu: dUp", dUp, n),
                n);
    }

    private static void forward(long gate, long up, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector g = load(gate, i);
            store(y, i, g.mul(sigmoid(g)).mul(load(up, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector g = load(gate, i, tail);
            store(y, i, g.mul(sigmoid(g)).mul(load(up, i, tail)), tail);
        }
    }

    private static void backward(long gate, long up, long dy, long dGate, long dUp, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector g = load(gate, i);
            FloatVector s = sigmoid(g);
            FloatVector d = load(dy, i);
            store(dUp, i, d.mul(g.mul(s)));
            store(dGate, i, d.mul(load(up, i)).mul(derivative(g, s)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector g = load(gate, i, tail);
            FloatVector s = sigmoid(g);
            FloatVector d = load(dy, i, tail);
            store(dUp, i, d.mul(g.mul(s)), tail);
            store(dGate, i, d.mul(load(up, i, tail)).mul(derivative(g, s)), tail);
        }
    }

    private static FloatVector sigmoid(FloatVector g) {
        FloatVector minusZ = g.mul(g).fma(all(-CUBIC), all(-LINEAR)).mul(g);
        return all(1).div(VectorMath.exp(minusZ).add(1));
    }

    private static FloatVector derivative(FloatVector g, FloatVector s) {
        FloatVector slope = g.mul(g).fma(all(3 * CUBIC), all(LINEAR));
        return g.mul(s).mul(all(1).sub(s)).fma(slope, s);
    }
}
