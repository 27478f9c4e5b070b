package dev.lethe.kernels.cpu;

/// Softmax of rows of logits that come a piece at a time, so that none needs a whole row: of each
/// row the sum of `exp(y - shift)` so far, with the largest logit so far as shift (Milakov and
/// Gimelshein 2018, "Online normalizer calculation for softmax", algorithm 3).
///
/// Logits under a soft-cap whose exponentials cannot leave F32 need no shift; theirs is 0.
///
/// @param cap soft-cap, 0 for none
/// @param e scratch for the exponentials of a piece
record OnlineSoftmax(float cap, long e, RowNumbers shifts, RowNumbers sums) {
    private static final float SMALL = 40; // e^40 a million times, and e^-40, are well inside F32

    void clear(int rows) {
        sums.clear(rows);
        for (int row = 0; row < rows; row++) {
            shifts.set(row, isBounded() ? 0 : -Float.MAX_VALUE);
        }
    }

    /// Caps the row's next n logits in place, leaves their exponentials in `e`, and returns what
    /// sums over earlier exponentials must be multiplied by.
    double meet(int row, int n, long logits) {
        if (cap > 0) {
            LogitLoops.cap(n, logits, cap);
        }
        double factor = 1;
        if (!isBounded()) {
            double old = shifts.get(row);
            double max = Math.max(old, RowLoops.max(n, logits));
            if (max > old) {
                factor = StrictMath.exp(old - max);
                shifts.set(row, max);
            }
        }
        sums.set(row, factor * sum(row) + exponentials(row, n, logits));
        return factor;
    }

    /// Leaves `exp(y - shift)` of n capped logits of the row in `e`; their sum.
    float exponentials(int row, int n, long logits) {
        return RowLoops.exponentials(n, logits, (float) shifts.get(row), e);
    }

    double sum(int row) {
        return sums.get(row);
    }

    /// `log sum exp y`.
    double logSum(int row) {
        return StrictMath.log(sum(row)) + shifts.get(row);
    }

    /// 1 / cap, or 0: a capped logit y has the slope `1 - (inner y)^2`.
    float inner() {
        return cap > 0 ? 1 / cap : 0;
    }

    private boolean isBounded() {
        return cap > 0 && cap <= SMALL;
    }
}
