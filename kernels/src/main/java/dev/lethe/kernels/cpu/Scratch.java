package dev.lethe.kernels.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Working memory of one kernel, one block a thread, kept from call to call.
///
/// Each kernel class has its own, so that a kernel may call another while it uses its block. A
/// block grows to the largest request seen and goes when its thread does.
final class Scratch {
    private static final int ALIGNMENT = 64;

    private final ThreadLocal<MemorySegment> blocks =
            ThreadLocal.withInitial(() -> MemorySegment.NULL);

    /// Address of at least `bytes` bytes, aligned to 64, contents undefined.
    long bytes(long bytes) {
        MemorySegment block = blocks.get();
        if (block.byteSize() < bytes) {
            block = Arena.ofAuto().allocate(round(bytes), ALIGNMENT);
            blocks.set(block);
        }
        return block.address();
    }

    /// Size of an array of that many floats, rounded so that what follows it is aligned.
    static long floats(long count) {
        return round(count * Float.BYTES);
    }

    private static long round(long bytes) {
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
