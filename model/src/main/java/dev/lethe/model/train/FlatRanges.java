package dev.lethe.model.train;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.parallel.Workers;

/// Passes over a flat buffer of parameters in ranges cut by its length alone, so that bits do not
/// depend on the number of threads.
final class FlatRanges {
    private static final long RANGE = 1 << 16; // elements

    /// What is done to one range.
    @FunctionalInterface
    interface Pass {
        void over(long from, long count);
    }

    private FlatRanges() {}

    static void forEach(Buffer flat, Workers workers, Pass pass) {
        int ranges = Math.toIntExact((flat.length() + RANGE - 1) / RANGE);
        workers.forEach(
                ranges,
                range -> {
                    long from = range * RANGE;
                    pass.over(from, Math.min(RANGE, flat.length() - from));
                });
    }
}
