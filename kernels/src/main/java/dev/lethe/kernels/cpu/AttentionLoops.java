package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.BYTES;
import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.between;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Loops of [CpuAttention] over the score rows of one block.
///
/// Rows are padded to whole vectors. A loop touches the vectors that hold a visible key; what lies
/// beside them becomes 0 where the row is multiplied later.
final class AttentionLoops {
    private static final FloatVector ZERO = all(0);

    private AttentionLoops() {}

    /// `x = tanh(inner x)`.
    static void tanh(AttentionBlock block, long scores, float inner) {
        FloatVector factor = all(inner);
        for (int row = 0; row < block.rows(); row++) {
            long line = block.line(scores, row);
            int end = block.end(row);
            for (int i = block.start(row) & -LANES; i < end; i += LANES) {
                store(line, i, VectorMath.tanh(load(line, i).mul(factor)));
            }
        }
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
                max = max.blend(LaneSum.raise(max, s), between(start - i, end - i));
            }
            F32.set(maxima, row, LaneSum.max(max));
        }
    }

    /// `x = exp(outer x - max)`; the sums of each row are left in lanes.
    static void exponentials(
            AttentionBlock block, long scores, float outer, long maxima, long lanes) {
        FloatVector factor = all(outer);
        for (int row = 0; row < block.rows(); row++) {
            long line = block.line(scores, row);
            int start = block.start(row);
            int end = block.end(row);
            FloatVector shift = all(-F32.get(maxima, row));
            FloatVector sum = all(0);
            for (int i = start & -LANES; i < end; i += LANES) {
                VectorMask<Float> visible = between(start - i, end - i);
                FloatVector s = load(line, i).fma(factor, shift);
                FloatVector e = ZERO.blend(VectorMath.exp(s), visible);
                store(line, i, e);
                sum = sum.add(e);
            }
            store(lanes, row * LANES, sum);
        }
    }

    /// Zeros where no vector of [#exponentials] or [#gradient] was stored.
    static void clear(AttentionBlock block, long scores) {
        for (int row = 0; row < block.rows(); row++) {
            long line = block.line(scores, row);
            int start = block.start(row) & -LANES;
            int end = F32.padded(block.end(row));
            for (int i = 0; i < start; i += LANES) {
                store(line, i, ZERO);
            }
            for (int i = Math.max(start, end); i < block.stride(); i += LANES) {
                store(line, i, ZERO);
            }
        }
    }

    /// Lanes to sums.
    static void fold(int rows, long lanes, long sums) {
        for (int row = 0; row < rows; row++) {
            F32.set(sums, row, LaneSum.sum(load(lanes, row * LANES)));
        }
    }

    /// `logs = log(sums) + maxima`, and `sums = 1 / sums`.
    static void logarithms(int rows, long sums, long maxima, long logs) {
        for (int i = 0; i < rows; i += LANES) {
            VectorMask<Float> mask = head(rows - i);
            FloatVector sum = load(sums, i, mask);
            store(logs, i, VectorMath.log(sum).add(load(maxima, i, mask)), mask);
            store(sums, i, all(1).div(sum), mask);
        }
    }

    /// Each row times its factor.
    static void scale(AttentionBlock block, long scores, long factors) {
        for (int row = 0; row < block.rows(); row++) {
            long line = block.line(scores, row);
            FloatVector factor = all(F32.get(factors, row));
            int end = block.end(row);
            for (int i = block.start(row) & -LANES; i < end; i += LANES) {
                store(line, i, load(line, i).mul(factor));
            }
        }
    }

    /// `p = exp(outer x - log)` in place of x, and in place of its gradient dp that of the dot
    /// product, `p (dp - delta) (scale - curve x^2)`.
    static void gradient(
            AttentionBlock block,
            long scores,
            long dScores,
            long logs,
            long deltas,
            AttentionBlock.Slopes slopes) {
        FloatVector outer = all(slopes.outer());
        FloatVector scale = all(slopes.scale());
        FloatVector minusCurve = all(-slopes.curve());
        for (int row = 0; row < block.rows(); row++) {
            long line = block.line(scores, row);
            long dLine = block.line(dScores, row);
            int start = block.start(row);
            int end = block.end(row);
            FloatVector minusLog = all(-F32.get(logs, row));
            FloatVector delta = all(F32.get(deltas, row));
            for (int i = start & -LANES; i < end; i += LANES) {
                VectorMask<Float> visible = between(start - i, end - i);
                FloatVector x = load(line, i);
                FloatVector p = VectorMath.exp(x.fma(outer, minusLog));
                FloatVector slope = x.mul(x).fma(minusCurve, scale);
                FloatVector d = p.mul(load(dLine, i).sub(delta)).mul(slope);
                store(line, i, ZERO.blend(p, visible));
                store(dLine, i, ZERO.blend(d, visible));
            }
        }
    }

    /// `sum a b` of each of some rows of n elements that lie `stride` bytes apart.
    static void dots(int rows, int n, long a, long b, long stride, long dots) {
        for (int row = 0; row < rows; row++) {
            FloatVector sum = all(0);
            for (int i = 0; i < n; i += LANES) {
                VectorMask<Float> mask = head(n - i);
                FloatVector left = load(a + row * stride, i, mask);
                sum = left.fma(load(b + row * stride, i, mask), sum);
            }
            HostMemory.f32(dots + (long) row * BYTES, LaneSum.sum(sum));
        }
    }
}
