package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Loops of [RowLoss] over n logits of one row.
final class LogitLoops {
    private static final FloatVector ONE = all(1);

    private LogitLoops() {}

    /// `z = cap tanh(z / cap)`.
    static void cap(int n, long z, float cap) {
        FloatVector outer = all(cap);
        FloatVector inner = ONE.div(outer);
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            store(z, i, VectorMath.tanh(load(z, i, mask).mul(inner)).mul(outer), mask);
        }
    }

    /// `(factor e + shift) (1 - (inner y)^2)` in place of y.
    static void gradient(int n, long y, long e, float factor, float shift, float inner) {
        FloatVector times = all(factor);
        FloatVector plus = all(shift);
        FloatVector share = all(inner);
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            FloatVector t = load(y, i, mask).mul(share);
            FloatVector d = load(e, i, mask).fma(times, plus);
            store(y, i, d.mul(ONE.sub(t.mul(t))), mask);
        }
    }

    /// `(factor e + otherFactor other) (1 - (inner y)^2)` in place of y.
    static void gradient(
            int n, long y, long e, float factor, long other, float otherFactor, float inner) {
        FloatVector times = all(factor);
        FloatVector otherTimes = all(otherFactor);
        FloatVector share = all(inner);
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            FloatVector t = load(y, i, mask).mul(share);
            FloatVector d = load(e, i, mask).fma(times, load(other, i, mask).mul(otherTimes));
            store(y, i, d.mul(ONE.sub(t.mul(t))), mask);
        }
    }
}
