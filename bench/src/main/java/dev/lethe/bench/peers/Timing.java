package dev.lethe.bench.peers;

import dev.lethe.bench.results.Medians;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/// Repeats for a while, the first part of it not counted.
///
/// @param repeats that were counted
/// @param seconds median of one
/// @param first value of all, warm-up included
/// @param tenth value, which shows that peers learn alike; NaN with fewer
/// @param last value of all
record Timing(int repeats, double seconds, double first, double tenth, double last) {
    private static final int TENTH = 10;

    /// @param warm seconds that are not counted
    /// @param measured seconds that are; at least three repeats
    static Timing of(double warm, double measured, DoubleSupplier once) {
        double[] values = {Double.NaN, Double.NaN, Double.NaN}; // first, tenth, last
        int[] calls = {0};
        Runnable call =
                () -> {
                    values[2] = once.getAsDouble();
                    calls[0]++;
                    values[0] = calls[0] == 1 ? values[2] : values[0];
                    values[1] = calls[0] == TENTH ? values[2] : values[1];
                };
        call.run();
        for (long end = after(warm); System.nanoTime() < end; ) {
            call.run();
        }
        double[] times = new double[16];
        int count = 0;
        for (long end = after(measured); count < 3 || System.nanoTime() < end; ) {
            long begin = System.nanoTime();
            call.run();
            times = count == times.length ? Arrays.copyOf(times, 2 * count) : times;
            times[count++] = (System.nanoTime() - begin) * 1e-9;
        }
        double seconds = Medians.of(Arrays.copyOf(times, count));
        return new Timing(count, seconds, values[0], values[1], values[2]);
    }

    /// As the line of a peer has it.
    @Override
    public String toString() {
        return "steps=%d first=%.4f tenth=%.4f last=%.4f seconds=%.6f"
                .formatted(repeats, first, tenth, last, seconds);
    }

    private static long after(double seconds) {
        return System.nanoTime() + (long) (seconds * 1e9);
    }
}
