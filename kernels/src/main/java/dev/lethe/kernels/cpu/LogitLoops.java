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

    /// `sum exp(y - shift)`.
    static float exponentialSum(int n, long y, float shift) {
        FloatVector minus = all(shift);
        FloatVector sum = all(0);
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            sum = sum.add(VectorMath.exp(load(y, i, mask).sub(minus)), mask);
        }
        return LaneSum.sum(sum);
    }

    /// `(factor exp(y - shift) + plus) (1 - (inner y)^2)` in place of y.
    static void gradient(int n, long y, float shift, float factor, float plus, float inner) {
        FloatVector minus = all(shift);
        FloatVector times = all(factor);
        FloatVector rest = all(plus);
        FloatVector share = all(inner);
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            FloatVector logit = load(y, i, mask);
            FloatVector t = logit.mul(share);
            FloatVector d = VectorMath.exp(logit.sub(minus)).fma(times, rest);
            store(y, i, d.mul(ONE.sub(t.mul(t))), mask);
        }
    }

    /// `(factor exp(y - shift) + otherFactor other) (1 - (inner y)^2)` in place of y.
    static void gradient(
            int n,
            long y,
            float shift,
            float factor,
            long other,
            float otherFactor,
            float inner) {
        FloatVector minus = all(shift);
        FloatVector times = all(factor);
        FloatVector otherTimes = all(otherFactor);
        FloatVector share = all(inner);
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            FloatVector logit = load(y, i, mask);
            FloatVector t = logit.mul(share);
            FloatVector rest = load(other, i, mask).mul(otherTimes);
            FloatVector d = VectorMath.exp(logit.sub(minus)).fma(times, rest);
            store(y, i, d.mul(ONE.sub(t.mul(t))), mask);
        }
    }
}
