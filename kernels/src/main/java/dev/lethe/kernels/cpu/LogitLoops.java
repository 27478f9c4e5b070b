package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Loops of [RowLoss] over n logits of one row.
///
/// A vector under a mask takes up to twice the time of a whole one, so only the rest of a row has
/// one; where both would be too large for C2 to inline, the rest is a method of its own.
final class LogitLoops {
    private static final FloatVector ONE = all(1);

    private LogitLoops() {}

    /// `z = cap tanh(z / cap)`.
    static void cap(int n, long z, float cap) {
        int whole = bound(n);
        wholeCap(whole, z, cap);
        if (whole < n) {
            tailCap(whole, n, z, cap);
        }
    }

    private static void wholeCap(int n, long z, float cap) {
        FloatVector outer = all(cap);
        FloatVector inner = ONE.div(outer);
        for (int i = 0; i < n; i += LANES) {
            store(z, i, VectorMath.tanh(load(z, i).mul(inner)).mul(outer));
        }
    }

    private static void tailCap(int i, int n, long z, float cap) {
        FloatVector outer = all(cap);
        FloatVector inner = ONE.div(outer);
        VectorMask<Float> mask = head(n - i);
        store(z, i, VectorMath.tanh(load(z, i, mask).mul(inner)).mul(outer), mask);
    }

    /// `sum exp(y - shift)`. All under masks: with a rest of its own C2 leaves the sum an object.
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
        int whole = bound(n);
        wholeGradient(whole, y, shift, factor, plus, inner);
        if (whole < n) {
            tailGradient(whole, n, y, shift, factor, plus, inner);
        }
    }

    private static void wholeGradient(
            int n, long y, float shift, float factor, float plus, float inner) {
        FloatVector minus = all(shift);
        FloatVector times = all(factor);
        FloatVector rest = all(plus);
        FloatVector share = all(inner);
        for (int i = 0; i < n; i += LANES) {
            FloatVector logit = load(y, i);
            FloatVector t = logit.mul(share);
            FloatVector d = VectorMath.exp(logit.sub(minus)).fma(times, rest);
            store(y, i, d.mul(ONE.sub(t.mul(t))));
        }
    }

    private static void tailGradient(
            int i, int n, long y, float shift, float factor, float plus, float inner) {
        VectorMask<Float> mask = head(n - i);
        FloatVector logit = load(y, i, mask);
        FloatVector t = logit.mul(inner);
        FloatVector d = VectorMath.exp(logit.sub(shift)).fma(all(factor), all(plus));
        store(y, i, d.mul(ONE.sub(t.mul(t))), mask);
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
        int whole = bound(n);
        wholeGradient(whole, y, shift, factor, other, otherFactor, inner);
        if (whole < n) {
            tailGradient(whole, n, y, shift, factor, other, otherFactor, inner);
        }
    }

    private static void wholeGradient(
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
            FloatVector logit = load(y, i);
            FloatVector t = logit.mul(share);
            FloatVector rest = load(other, i).mul(otherTimes);
            FloatVector d = VectorMath.exp(logit.sub(minus)).fma(times, rest);
            store(y, i, d.mul(ONE.sub(t.mul(t))));
        }
    }

    private static void tailGradient(
            int i,
            int n,
            long y,
            float shift,
            float factor,
            long other,
            float otherFactor,
            float inner) {
        VectorMask<Float> mask = head(n - i);
        FloatVector logit = load(y, i, mask);
        FloatVector t = logit.mul(inner);
        FloatVector rest = load(other, i, mask).mul(otherFactor);
        FloatVector d = VectorMath.exp(logit.sub(shift)).fma(all(factor), rest);
        store(y, i, d.mul(ONE.sub(t.mul(t))), mask);
    }
}
