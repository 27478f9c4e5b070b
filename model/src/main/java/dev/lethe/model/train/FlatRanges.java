package dev.lethe.model.train;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.parallel.Workers;
import java.util.ArrayList;
import java.util.List;

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

    /// The ranges of a buffer, in order, for who passes over it step after step.
    static List<Buffer> of(Buffer flat) {
        List<Buffer> ranges = new ArrayList<>();
        for (long from = 0; from < flat.length(); from += RANGE) {
            ranges.add(flat.slice(from, Math.min(RANGE, flat.length() - from)));
        }
        return List.copyOf(ranges);
    }

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
