package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.BYTES;
import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Loops of [CpuAttention] over the score rows of one block.
///
/// Rows are padded to whole vectors; what a row does not see becomes 0 where it is multiplied
/// later. Loops run down the rows of one vector's width after another, because a row has few
/// vectors and the loop around it would cost more than it does. What a loop calls lives in other
/// classes, since methods of this one are not inlined ([CompilerDirectives]).
final class AttentionLoops {
    private static final FloatVector ZERO = all(0);

    private AttentionLoops() {}

    /// `x = tanh(inner x)` in the whole block: few vectors of it hold no visible key, and one loop
    /// is faster than one a row. Scores are mostly small beside their cap, where tanh is cheap.
    static void tanh(AttentionBlock block, long scores, float inner) {
        FloatVector factor = all(inner);
        int n = block.rows() * block.stride();
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(scores, i).mul(factor);
            if (VectorMath.isNearZero(x).allTrue()) {
                store(scores, i, VectorMath.tanhNearZero(x));
            } else {
                tanhOfVector(scores, i, inner);
            }
        }
    }

    /// Of one vector. What an element becomes does not depend on its neighbours.
    private static void tanhOfVector(long scores, int i, float inner) {
        FloatVector x = load(scores, i).mul(all(inner));
        FloatVector nearZero = VectorMath.tanhNearZero(x);
        store(scores, i, VectorMath.tanh(x).blend(nearZero, VectorMath.isNearZero(x)));
    }

    /// The largest `outer x` of each row; negative infinity where nothing is visible.
    static void maxima(AttentionBlock block, long scores, float outer, long maxima) {
        FloatVector factor = all(outer);
        for (int row = 0; row < block.rows(); row++) {
            long line = block.line(scores, row);
            int start = block.start(row);
            int end = block.end(row);
            FloatVector max = all(Float.NEGATIVE_INFINITY);
            for (int i = start & -LANES; i < end; i += LANES) {
                FloatVector s = load(line, i).mul(factor);
                max = max.blend(LaneSum.raise(max, s), block.visible(row, i));
            }
            F32.set(maxima, row, LaneSum.max(max));
        }
    }

    /// `x = exp(outer x - max)`, 0 where nothing is visible.
    static void exponentials(AttentionBlock block, long scores, float outer, long maxima) {
        FloatVector factor = all(outer);
        for (int i = 0; i < block.stride(); i += LANES) {
            for (int row = 0; row < block.rows(); row++) {
                long line = block.line(scores, row);
                FloatVector s = load(line, i).fma(factor, all(-F32.get(maxima, row)));
                store(line, i, ZERO.blend(VectorMath.exp(s), block.visible(row, i)));
            }
        }
    }

    /// The same; the sums of each row are left in lanes.
    static void exponentials(
            AttentionBlock block, long scores, float outer, long maxima, long lanes) {
        FloatVector factor = all(outer);
        for (int row = 0; row < block.rows(); row++) {
            store(lanes, row * LANES, ZERO);
        }
        for (int i = 0; i < block.stride(); i += LANES) {
            for (int row = 0; row < block.rows(); row++) {
                long line = block.line(scores, row);
                FloatVector s = load(line, i).fma(factor, all(-F32.get(maxima, row)));
                FloatVector e = ZERO.blend(VectorMath.exp(s), block.visible(row, i));
                store(line, i, e);
                store(lanes, row * LANES, load(lanes, row * LANES).add(e));
            }
        }
    }

    /// Lanes to sums.
    static void fold(int rows, long lanes, long sums) {
        for (int row = 0; row < rows; row++) {
            F32.set(sums, row, LaneSum.sum(load(lanes, row * LANES)));
        }
    }

    /// `logs = log(sums) + maxima`.
    static void logarithms(int rows, long sums, long maxima, long logs) {
        for (int i = 0; i < rows; i += LANES) {
            VectorMask<Float> mask = head(rows - i);
            FloatVector max = load(maxima, i, mask);
            store(logs, i, VectorMath.log(load(sums, i, mask)).add(max), mask);
        }
    }

    /// Rows of n elements, `stride` elements apart, each divided by its sum; 0 where that is 0.
    static void divide(int rows, int n, long x, int stride, long sums) {
        for (int row = 0; row < rows; row++) {
            long line = x + (long) row * stride * BYTES;
            float sum = F32.get(sums, row);
            FloatVector share = all(sum == 0 ? 0 : 1 / sum);
            int i = 0;
            for (; i < bound(n); i += LANES) {
                store(line, i, load(line, i).mul(share));
            }
            if (i < n) {
                VectorMask<Float> tail = head(n - i);
                store(line, i, load(line, i, tail).mul(share), tail);
            }
        }
    }

    /// `p = exp(outer x - log)` in place of x, and in place of its gradient dp that of the dot
    /// product, `p (dp - delta) (scale - curve x^2)`; 0 where nothing is visible.
    ///
    /// @param next elements from one row's delta to the next's
    static void gradient(
            AttentionBlock block,
            long scores,
            long dScores,
            long logs,
            long deltas,
            int next,
            AttentionBlock.Slopes slopes) {
        FloatVector outer = all(slopes.outer());
        FloatVector scale = all(slopes.scale());
        FloatVector minusCurve = all(-slopes.curve());
        for (int i = 0; i < block.stride(); i += LANES) {
            for (int row = 0; row < block.rows(); row++) {
                long line = block.line(scores, row);
                long dLine = block.line(dScores, row);
                VectorMask<Float> visible = block.visible(row, i);
                FloatVector x = load(line, i);
                FloatVector p = VectorMath.exp(x.fma(outer, all(-F32.get(logs, row))));
                FloatVector slope = x.mul(x).fma(minusCurve, scale);
                FloatVector delta = all(F32.get(deltas, row * next));
                FloatVector d = p.mul(load(dLine, i).sub(delta)).mul(slope);
                store(line, i, ZERO.blend(p, visible));
                store(dLine, i, ZERO.blend(d, visible));
            }
        }
    }

    /// `sum a b` of each row of n elements.
    static void dots(int rows, int n, long a, long b, long dots) {
        for (int row = 0; row < rows; row++) {
            long left = a + (long) row * n * BYTES;
            long right = b + (long) row * n * BYTES;
            FloatVector sum = all(0);
            int i = 0;
            for (; i < bound(n); i += LANES) {
                sum = load(left, i).fma(load(right, i), sum);
            }
            if (i < n) {
                VectorMask<Float> tail = head(n - i);
                sum = load(left, i, tail).fma(load(right, i, tail), sum);
            }
            F32.set(dots, row, LaneSum.sum(sum));
        }
    }
}
