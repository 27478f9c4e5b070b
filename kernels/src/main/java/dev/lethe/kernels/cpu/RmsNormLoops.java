package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Loops of [CpuRmsNorm] over one row of n elements.
final class RmsNormLoops {
    private static final FloatVector ONE = all(1);

    private RmsNormLoops() {}

    /// `y = x r (1 + w)`.
    static void scale(int n, long x, long w, float r, long y) {
        FloatVector factor = all(r);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, load(x, i).mul(factor).mul(load(w, i).add(ONE)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, load(x, i, tail).mul(factor).mul(load(w, i, tail).add(ONE)), tail);
        }
    }

    /// `sum dy (1 + w) x`.
    static float dotWeighted(int n, long dy, long w, long x) {
        FloatVector sum = all(0);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            sum = load(dy, i).mul(load(w, i).add(ONE)).fma(load(x, i), sum);
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            sum = load(dy, i, tail).mul(load(w, i, tail).add(ONE)).fma(load(x, i, tail), sum);
        }
        return LaneSum.sum(sum);
    }

    /// `dx = r dy (1 + w) + back x`.
    static void gradient(int n, long dy, long w, long x, float r, float back, long dx) {
        FloatVector factor = all(r);
        FloatVector along = all(back);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector g = load(dy, i).mul(load(w, i).add(ONE));
            store(dx, i, g.fma(factor, load(x, i).mul(along)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector g = load(dy, i, tail).mul(load(w, i, tail).add(ONE));
            store(dx, i, g.fma(factor, load(x, i, tail).mul(along)), tail);
        }
    }

    /// `sum += dy x r`.
    static void addProduct(int n, long dy, long x, float r, long sum) {
        FloatVector factor = all(r);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(sum, i, load(dy, i).fma(load(x, i).mul(factor), load(sum, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector scaled = load(x, i, tail).mul(factor);
            store(sum, i, load(dy, i, tail).fma(scaled, load(sum, i, tail)), tail);
        }
    }
}
