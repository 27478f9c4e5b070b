package dev.lethe.model.data.text;

import dev.lethe.model.data.Batch;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Windows of token ids of one width, padded on the right.
///
/// @param width ids a window, T + 1: T inputs and the target of the last
/// @param ids `W (T+1)` ids, window after window
/// @param lengths real ids of each window, from 1 to the width
public record Windows(int width, int[] ids, int[] lengths) {
    public Windows {
        if (width < 2 || ids.length != (long) lengths.length * width) {
            throw new IllegalArgumentException(
                    "windows: %d windows need %d ids each and at least 2, got %d ids in all"
                            .formatted(lengths.length, width, ids.length));
        }
        for (int w = 0; w < lengths.length; w++) {
            if (lengths[w] < 1 || lengths[w] > width) {
                throw new IllegalArgumentException(
                        "windows: window %d: expected a length of 1 to %d, got %d"
                                .formatted(w, width, lengths[w]));
            }
        }
    }

    /// W.
    public int count() {
        return lengths.length;
    }

    /// Real ids of all windows.
    public long tokens() {
        return Arrays.stream(lengths).asLongStream().sum();
    }

    /// Some windows as training rows of T inputs, every real id but a window's first a target.
    ///
    /// @param which numbers of windows, in the order of the rows
    public Batch batch(int... which) {
        int[] rows = new int[which.length * width];
        int[] rowLengths = new int[which.length];
        for (int r = 0; r < which.length; r++) {
            copyTo(which[r], rows, r);
            rowLengths[r] = lengths[which[r]];
        }
        return Batch.shifted(which.length, width, rows, rowLengths).withoutLastColumn();
    }

    /// All windows in their order, for evaluation.
    public Batch batch() {
        return batch(IntStream.range(0, count()).toArray());
    }

    private void copyTo(int window, int[] rows, int row) {
        System.arraycopy(ids, window * width, rows, row * width, width);
    }
}
