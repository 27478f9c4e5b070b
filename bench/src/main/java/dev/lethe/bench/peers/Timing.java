package dev.lethe.bench.peers;

import java.util.Arrays;
import java.util.function.DoubleSupplier;

/// Repeats for a while, the first part of it not counted.
///
/// @param repeats that were counted
/// @param seconds median of one
/// @param first value of all, warm-up included
/// @param last value of all
record Timing(int repeats, double seconds, double first, double last) {
    /// @param warm seconds that are not counted
    /// @param measured seconds that are; at least three repeats
    static Timing of(double warm, double measured, DoubleSupplier once) {
        double first = once.getAsDouble();
        double last = first;
        for (long end = after(warm); System.nanoTime() < end; ) {
            last = once.getAsDouble();
        }
        double[] times = new double[16];
        int count = 0;
        for (long end = after(measured); count < 3 || System.nanoTime() < end; ) {
            long begin = System.nanoTime();
            last = once.getAsDouble();
            times = count == times.length ? Arrays.copyOf(times, 2 * count) : times;
            times[count++] = (System.nanoTime() - begin) * 1e-9;
        }
        return new Timing(count, median(Arrays.copyOf(times, count)), first, last);
    }

    private static long after(double seconds) {
        return System.nanoTime() + (long) (seconds * 1e9);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
