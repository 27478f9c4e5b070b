package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.RopeKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Cosines and sines of `position theta^(-2j/headDim)`, taken in F64 and rounded once.
///
/// @param values `[positions, 2, headDim / 2]`: a position's cosines, then its sines
record RopeTable(MemorySegment values, int positions, int half, double theta) {
    long cos(int position) {
        return values.address() + (long) position * 2 * half * Float.BYTES;
    }

    long sin(int position) {
        return cos(position) + (long) half * Float.BYTES;
    }

    private static RopeTable of(int positions, int headDim, double theta) {
        int half = headDim / 2;
        MemorySegment values =
                Arena.ofAuto().allocate(Math.max(1, 2L * positions * half) * Float.BYTES, 64);
        for (int position = 0; position < positions; position++) {
            long row = 2L * position * half;
            for (int j = 0; j < half; j++) {
                double angle = RopeKernels.angle(position, j, headDim, theta);
                values.setAtIndex(ValueLayout.JAVA_FLOAT, row + j, (float) StrictMath.cos(angle));
                values.setAtIndex(
                        ValueLayout.JAVA_FLOAT, row + half + j, (float) StrictMath.sin(angle));
            }
        }
        return new RopeTable(values, positions, half, theta);
    }

    /// The tables in use: one a head size and theta, made anew, longer, when a position is beyond
    /// it.
    static final class Cache {
        private record Key(int headDim, double theta) {}

        private final Map<Key, RopeTable> tables = new ConcurrentHashMap<>();

        private volatile RopeTable latest; // asked for again and again

        /// A table of at least `positions` positions.
        RopeTable upTo(int positions, int headDim, double theta) {
            RopeTable table = latest;
            if (table == null
                    || table.positions < positions
                    || table.half != headDim / 2
                    || table.theta != theta) {
                table = find(positions, headDim, theta);
                latest = table;
            }
            return table;
        }

        private RopeTable find(int positions, int headDim, double theta) {
            Key key = new Key(headDim, theta);
            RopeTable table = tables.get(key);
            if (table != null && table.positions >= positions) {
                return table;
            }
            return tables.compute(
                    key,
                    (_, old) -> {
                        if (old != null && old.positions >= positions) {
                            return old;
                        }
                        int longer = old == null ? 0 : 2 * old.positions;
                        return of(Math.max(positions, longer), headDim, theta);
                    });
        }
    }
}
