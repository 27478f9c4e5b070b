package dev.lethe.model.data.text;

import dev.lethe.engine.random.PhiloxStream;
import java.util.ArrayList;
import java.util.List;

/// Which part each of endless rows is of, and its how-manieth row of that part it is.
///
/// The part of row i is drawn from element i alone. Its ordinal is a count of earlier rows, so
/// counts are kept at every 4096th row: going on anywhere costs one pass over earlier draws, once.
final class Interleaving {
    private static final int ROWS_A_MARK = 1 << 12;

    /// @param ordinal how many earlier rows are of the same part
    record Draw(int part, long ordinal) {}

    private final double[] ends; // of the parts' intervals within [0, 1)
    private final PhiloxStream random;
    private final List<long[]> marks = new ArrayList<>();

    Interleaving(double[] weights, PhiloxStream random) {
        this.random = random;
        this.ends = new double[weights.length];
        double end = 0;
        for (int p = 0; p < weights.length; p++) {
            end += weights[p];
            ends[p] = end;
        }
        marks.add(new long[weights.length]);
    }

    /// The draws of rows `first` to `first + count - 1`.
    List<Draw> draws(long first, int count) {
        long[] counts = countsBefore(first);
        List<Draw> draws = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int part = part(first + i);
            draws.add(new Draw(part, counts[part]++));
        }
        return draws;
    }

    private long[] countsBefore(long row) {
        int mark = Math.toIntExact(row / ROWS_A_MARK);
        while (marks.size() <= mark) {
            long from = (marks.size() - 1L) * ROWS_A_MARK;
            marks.add(counted(marks.getLast(), from, from + ROWS_A_MARK));
        }
        return counted(marks.get(mark), (long) mark * ROWS_A_MARK, row);
    }

    private long[] counted(long[] before, long from, long to) {
        long[] counts = before.clone();
        for (long row = from; row < to; row++) {
            counts[part(row)]++;
        }
        return counts;
    }

    /// The last part also takes what rounding leaves below 1.
    private int part(long row) {
        double at = random.uniform(row);
        int part = 0;
        while (part < ends.length - 1 && at >= ends[part]) {
            part++;
        }
        return part;
    }
}
