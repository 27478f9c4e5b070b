package dev.lethe.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// All of the process's memory as one segment, read and written at absolute addresses.
///
/// One unbounded segment leaves C2 no range check in the inner loops. Nothing here is checked, so a
/// kernel first passes each buffer through [Expect].
final class HostMemory {
    static final MemorySegment ALL = everything();

    /// An aligned one would check every address.
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private HostMemory() {}

    @SuppressWarnings("restricted") // the point of this class
    private static MemorySegment everything() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    static float f32(long address) {
        return ALL.get(FLOAT, address);
    }

    static void f32(long address, float value) {
        ALL.set(FLOAT, address, value);
    }

    static double f64(long address) {
        return ALL.get(ValueLayout.JAVA_DOUBLE, address);
    }

    static void f64(long address, double value) {
        ALL.set(ValueLayout.JAVA_DOUBLE, address, value);
    }

    static int i32(long address) {
        return ALL.get(ValueLayout.JAVA_INT, address);
    }

    static void i32(long address, int value) {
        ALL.set(ValueLayout.JAVA_INT, address, value);
    }

    static long i64(long address) {
        return ALL.get(ValueLayout.JAVA_LONG, address);
    }

    static void i64(long address, long value) {
        ALL.set(ValueLayout.JAVA_LONG, address, value);
    }

    static void copy(long from, long to, long bytes) {
        MemorySegment.copy(ALL, from, ALL, to, bytes);
    }

    static void zero(long address, long bytes) {
        ALL.asSlice(address, bytes).fill((byte) 0);
    }
}
