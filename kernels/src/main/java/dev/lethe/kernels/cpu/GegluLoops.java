package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Loops of [CpuGeglu] over n elements.
final class GegluLoops {
    private GegluLoops() {}

    static void forward(long gate, long up, long y, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            FloatVector g = load(gate, i, mask);
            store(y, i, g.mul(Gelu.sigmoid(g)).mul(load(up, i, mask)), mask);
        }
    }

    static void backward(long gate, long up, long dy, long dGate, long dUp, int n) {
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            FloatVector g = load(gate, i, mask);
            FloatVector s = Gelu.sigmoid(g);
            FloatVector d = load(dy, i, mask);
            store(dUp, i, d.mul(g.mul(s)), mask);
            store(dGate, i, d.mul(load(up, i, mask)).mul(Gelu.derivative(g, s)), mask);
        }
    }
}
