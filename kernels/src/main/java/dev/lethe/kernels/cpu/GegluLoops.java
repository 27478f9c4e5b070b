package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Loops of [CpuGeglu] over n elements.
///
/// Whole vectors and the masked rest are methods of their own: with masks the backward pass is too large
/// for C2 to inline all of it.
final class GegluLoops {
    private GegluLoops() {}

    static void forward(long gate, long up, long y, int n) {
        int whole = bound(n);
        wholeForward(gate, up, y, whole);
        if (whole < n) {
            tailForward(gate, up, y, whole, n);
        }
    }

    static void backward(long gate, long up, long dy, long dGate, long dUp, int n) {
        int whole = bound(n);
        wholeBackward(gate, up, dy, dGate, dUp, whole);
        if (whole < n) {
            tailBackward(gate, up, dy, dGate, dUp, whole, n);
        }
    }

    private static void wholeForward(long gate, long up, long y, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector g = load(gate, i);
            store(y, i, g.mul(Gelu.sigmoid(g)).mul(load(up, i)));
        }
    }

    private static void tailForward(long gate, long up, long y, int i, int n) {
        VectorMask<Float> mask = head(n - i);
        FloatVector g = load(gate, i, mask);
        store(y, i, g.mul(Gelu.sigmoid(g)).mul(load(up, i, mask)), mask);
    }

    private static void wholeBackward(
            long gate, long up, long dy, long dGate, long dUp, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector g = load(gate, i);
            FloatVector s = Gelu.sigmoid(g);
            FloatVector d = load(dy, i);
            store(dUp, i, d.mul(g.mul(s)));
            store(dGate, i, d.mul(load(up, i)).mul(Gelu.derivative(g, s)));
        }
    }

    private static void tailBackward(
            long gate, long up, long dy, long dGate, long dUp, int i, int n) {
        VectorMask<Float> mask = head(n - i);
        FloatVector g = load(gate, i, mask);
        FloatVector s = Gelu.sigmoid(g);
        FloatVector d = load(dy, i, mask);
        store(dUp, i, d.mul(g.mul(s)), mask);
        store(dGate, i, d.mul(load(up, i, mask)).mul(Gelu.derivative(g, s)), mask);
    }
}
