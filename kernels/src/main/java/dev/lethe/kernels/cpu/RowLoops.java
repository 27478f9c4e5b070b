package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Loops over one row of n F32 elements that end in one number, and what softmax needs beside.
/// Where C2 lets it, only the rest of a row has a mask, since one may double the time of a vector.
final class RowLoops {
    private RowLoops() {}

    /// The largest element; NaN is passed over, since the exponentials meet it again.
    static float max(int n, long x) {
        FloatVector max = all(Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            max = LaneSum.raise(max, load(x, i));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            max = max.blend(LaneSum.raise(max, load(x, i, tail)), tail);
        }
        return LaneSum.max(max);
    }

    /// `e = exp(x - max)`, and the sum of e.
    static float exponentials(int n, long x, float max, long e) {
        FloatVector shift = all(max);
        FloatVector sum = all(0);
        for (int i = 0; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            FloatVector one = VectorMath.exp(load(x, i, mask).sub(shift));
            store(e, i, one, mask);
            sum = sum.add(one, mask);
        }
        return LaneSum.sum(sum);
    }

    /// `y = x / divisor`.
    static void divide(int n, long x, float divisor, long y) {
        FloatVector by = all(divisor);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, load(x, i).div(by));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, load(x, i, tail).div(by), tail);
        }
    }

    /// `y = x - a - b`.
    static void subtract(int n, long x, float a, float b, long y) {
        FloatVector first = all(a);
        FloatVector second = all(b);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, load(x, i).sub(first).sub(second));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, load(x, i, tail).sub(first).sub(second), tail);
        }
    }

    static float sum(int n, long x) {
        FloatVector sum = all(0);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            sum = sum.add(load(x, i));
        }
        if (i < n) {
            sum = sum.add(load(x, i, head(n - i)));
        }
        return LaneSum.sum(sum);
    }

    /// `sum w (a - b)`.
    static float dotDifference(int n, long w, long a, long b) {
        FloatVector sum = all(0);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            sum = load(w, i).fma(load(a, i).sub(load(b, i)), sum);
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            sum = load(w, i, tail).fma(load(a, i, tail).sub(load(b, i, tail)), sum);
        }
        return LaneSum.sum(sum);
    }

    /// `sum (a - b)^2`.
    static float squaredDistance(int n, long a, long b) {
        FloatVector sum = all(0);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector d = load(a, i).sub(load(b, i));
            sum = d.fma(d, sum);
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector d = load(a, i, tail).sub(load(b, i, tail));
            sum = d.fma(d, sum);
        }
        return LaneSum.sum(sum);
    }

    /// `y = factor (a - b)`.
    static void scaledDifference(int n, long a, long b, float factor, long y) {
        FloatVector by = all(factor);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, load(a, i).sub(load(b, i)).mul(by));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, load(a, i, tail).sub(load(b, i, tail)).mul(by), tail);
        }
    }
}
