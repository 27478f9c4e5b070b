package dev.lethe.kernels.cpu;

/// Softmax of rows of logits that come a piece at a time, so that none needs a whole row: of each
/// row the sum of `exp(y - shift)` so far, with the largest logit so far as shift (Milakov and
/// Gimelshein 2018, "Online normalizer calculation for softmax", algorithm 3).
///
/// Logits under a soft-cap whose exponentials cannot leave F32 need no shift; theirs is 0.
///
/// @param cap soft-cap, 0 for none
record OnlineSoftmax(float cap, RowNumbers shifts, RowNumbers sums) {
    private static final float SMALL = 40; // e^40 a million times, and e^-40, are well inside F32

    void clear(int rows) {
        sums.clear(rows);
        for (int row = 0; row < rows; row++) {
            shifts.set(row, isBounded() ? 0 : -Float.MAX_VALUE);
        }
    }

    /// Caps the row's next n logits in place and takes them in.
    void meet(int row, int n, long logits) {
        double factor = raise(row, n, logits);
        add(row, factor, LogitLoops.exponentialSum(n, logits, shift(row)));
    }

    /// The first half of [#meet]: caps them and raises the shift.
    ///
    /// @return what sums of exponentials so far must be multiplied by
    double raise(int row, int n, long logits) {
        if (cap > 0) {
            LogitLoops.cap(n, logits, cap);
        }
        if (isBounded()) {
            return 1;
        }
        double old = shifts.get(row);
        double max = RowLoops.max(n, logits);
        if (!(max > old)) {
            return 1;
        }
        shifts.set(row, max);
        return StrictMath.exp(old - max);
    }

    /// The second half: `factor` is of the first, `more` the sum of `exp(y - shift)`.
    void add(int row, double factor, float more) {
        sums.set(row, factor * sum(row) + more);
    }

    float shift(int row) {
        return (float) shifts.get(row);
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
