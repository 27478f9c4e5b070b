package dev.lethe.bench.results;

import java.util.Arrays;

/// The middle of some numbers.
public final class Medians {
    private Medians() {}

    public static double of(double[] numbers) {
        double[] sorted = numbers.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
