package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.AttentionKernels.Heads;
import jdk.incubator.vector.VectorMask;

/// Some successive queries of one head, and the keys that at least one of them sees.
///
/// @param firstKey where those keys begin
/// @param stride elements from one row of scores to the next: keys rounded up to whole vectors
/// @param firstStart first key that row 0 sees, counted from firstKey; a row further, a key further
/// @param firstEnd one past the last, likewise
record AttentionBlock(
        int rows, int firstKey, int keys, int stride, int firstStart, int firstEnd) {
    static AttentionBlock of(Heads heads, int from, int rows) {
        int position = heads.keys() - heads.queries() + from;
        int begin = Math.max(0, position - heads.window() + 1);
        int end = Math.max(0, position + rows);
        int firstKey = Math.min(begin, end);
        int keys = end - firstKey;
        return new AttentionBlock(
                rows,
                firstKey,
                keys,
                F32.padded(keys),
                position - Math.min(heads.window(), heads.keys()) + 1 - firstKey,
                position + 1 - firstKey);
    }

    int start(int row) {
        return Math.max(0, firstStart + row);
    }

    /// At most `start(row)` where the row sees nothing.
    int end(int row) {
        return Math.max(0, firstEnd + row);
    }

    /// Which of the keys from i on the row sees.
    VectorMask<Float> visible(int row, int i) {
        return F32.run(firstStart + row - i, firstEnd - firstStart);
    }

    /// Address of a row of scores.
    long line(long scores, int row) {
        return scores + (long) row * stride * Float.BYTES;
    }

    /// What scores are made of: `s = outer x`, where x is the dot product, or with a soft-cap
    /// `tanh(inner dot)`; `ds/ddot = scale - curve x^2`.
    record Slopes(float inner, float outer, float scale, float curve) {
        static Slopes of(Heads heads) {
            float scale = (float) heads.scale();
            return heads.softCap() > 0
                    ? new Slopes(
                            (float) (heads.scale() / heads.softCap()),
                            (float) heads.softCap(),
                            scale,
                            scale)
                    : new Slopes(0, scale, scale, 0);
        }

        boolean capped() {
            return curve != 0;
        }
    }
}
