package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// One row of attention scores at a time, in place.
///
/// Scores are `s = cap tanh(scale dot / cap)`, or `scale dot` without a cap.
final class ScoreRows {
    /// Scores capped at most so far need no maximum subtracted: `e^60` times any sum is finite in F32.
    private static final double SAFE_CAP = 60;

    private ScoreRows() {}

    /// Dot products to probabilities; returns the logarithm of the sum of `e^s`.
    static float softmax(int n, long row, double scale, double cap) {
        float max = 0;
        float sum;
        if (cap > 0 && cap <= SAFE_CAP) {
            sum = cappedExponentials(n, row, (float) (scale / cap), (float) cap);
        } else {
            max =
                    cap > 0
                            ? capped(n, row, (float) (scale / cap), (float) cap)
                            : scaled(n, row, (float) scale);
            sum = exponentials(n, row, max);
        }
        divide(n, row, 1 / sum);
        return (float) (StrictMath.log(sum) + max);
    }

    /// `e^s`, and their sum.
    private static float cappedExponentials(int n, long row, float inner, float cap) {
        FloatVector sum = all(0);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector e = VectorMath.exp(VectorMath.tanh(load(row, i).mul(inner)).mul(cap));
            store(row, i, e);
            sum = sum.add(e);
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector x = load(row, i, tail);
            FloatVector e = VectorMath.exp(VectorMath.tanh(x.mul(inner)).mul(cap));
            store(row, i, e, tail);
            sum = sum.blend(sum.add(e), tail);
        }
        return LaneSum.sum(sum);
    }

    /// Scores, and the largest.
    private static float capped(int n, long row, float inner, float cap) {
        FloatVector max = all(Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector s = VectorMath.tanh(load(row, i).mul(inner)).mul(cap);
            store(row, i, s);
            max = LaneSum.raise(max, s);
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector s = VectorMath.tanh(load(row, i, tail).mul(inner)).mul(cap);
            store(row, i, s, tail);
            max = max.blend(LaneSum.raise(max, s), tail);
        }
        return LaneSum.max(max);
    }

    private static float scaled(int n, long row, float scale) {
        FloatVector max = all(Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector s = load(row, i).mul(scale);
            store(row, i, s);
            max = LaneSum.raise(max, s);
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector s = load(row, i, tail).mul(scale);
            store(row, i, s, tail);
            max = max.blend(LaneSum.raise(max, s), tail);
        }
        return LaneSum.max(max);
    }

    private static float exponentials(int n, long row, float max) {
        FloatVector sum = all(0);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector e = VectorMath.exp(load(row, i).sub(max));
            store(row, i, e);
            sum = sum.add(e);
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector e = VectorMath.exp(load(row, i, tail).sub(max));
            store(row, i, e, tail);
            sum = sum.blend(sum.add(e), tail);
        }
        return LaneSum.sum(sum);
    }

    private static void divide(int n, long row, float reciprocal) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(row, i, load(row, i).mul(reciprocal));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(row, i, load(row, i, tail).mul(reciprocal), tail);
        }
    }

    /// The row's part of the backward pass: dot products become probabilities p, and their gradients dp
    /// become those of the dot products, `p (dp - delta) scale (1 - (s/cap)^2)`.
    ///
    /// @param delta `sum p dp` over the row
    static void gradient(
            int n, long row, long dRow, float logSum, float delta, double scale, double cap) {
        if (cap > 0) {
            cappedGradient(
                    n, row, dRow, logSum, delta, (float) scale, (float) (scale / cap), (float) cap);
        } else {
            plainGradient(n, row, dRow, logSum, delta, (float) scale);
        }
    }

    private static void cappedGradient(
            int n,
            long row,
            long dRow,
            float logSum,
            float delta,
            float scale,
            float inner,
            float cap) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector t = VectorMath.tanh(load(row, i).mul(inner));
            FloatVector p = VectorMath.exp(t.fma(all(cap), all(-logSum)));
            FloatVector slope = t.mul(t).fma(all(-scale), all(scale));
            store(row, i, p);
            store(dRow, i, p.mul(load(dRow, i).sub(delta)).mul(slope));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector t = VectorMath.tanh(load(row, i, tail).mul(inner));
            FloatVector p = VectorMath.exp(t.fma(all(cap), all(-logSum)));
            FloatVector slope = t.mul(t).fma(all(-scale), all(scale));
            store(row, i, p, tail);
            store(dRow, i, p.mul(load(dRow, i, tail).sub(delta)).mul(slope), tail);
        }
    }

    private static void plainGradient(
            int n, long row, long dRow, float logSum, float delta, float scale) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector p = VectorMath.exp(load(row, i).fma(all(scale), all(-logSum)));
            store(row, i, p);
            store(dRow, i, p.mul(load(dRow, i).sub(delta)).mul(scale));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector p = VectorMath.exp(load(row, i, tail).fma(all(scale), all(-logSum)));
            store(row, i, p, tail);
            store(dRow, i, p.mul(load(dRow, i, tail).sub(delta)).mul(scale), tail);
        }
    }

    /// `sum a b`.
    static float dot(int n, long a, long b) {
        FloatVector sum = all(0);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            sum = load(a, i).fma(load(b, i), sum);
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            sum = load(a, i, tail).fma(load(b, i, tail), sum);
        }
        return LaneSum.sum(sum);
    }
}
