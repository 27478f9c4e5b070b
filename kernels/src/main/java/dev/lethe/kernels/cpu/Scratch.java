package dev.lethe.kernels.cpu;

import dev.lethe.engine.memory.BlockSource.Block;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Working memory of one kernel, one block a thread, kept from call to call, in huge pages where it
/// is large.
///
/// Each kernel class has its own, so that a kernel may call another while it uses its block. A
/// block grows to the largest request seen and goes when its thread does.
final class Scratch {
    private static final int ALIGNMENT = 64;
    private static final HugePageBlocks BLOCKS = new HugePageBlocks();

    private final ThreadLocal<MemorySegment> blocks =
            ThreadLocal.withInitial(() -> MemorySegment.NULL);

    /// Address of at least `bytes` bytes, aligned to 64, contents undefined.
    long bytes(long bytes) {
        MemorySegment block = blocks.get();
        if (block.byteSize() < bytes) {
            block = allocate(bytes);
            blocks.set(block);
        }
        return block.address();
    }

    @SuppressWarnings("restricted") // a block comes as an address
    private static MemorySegment allocate(long bytes) {
        Block block = BLOCKS.allocate(round(bytes));
        return MemorySegment.ofAddress(block.address())
                .reinterpret(block.bytes(), Arena.ofAuto(), _ -> BLOCKS.free(block));
    }

    /// Size of an array of that many floats, rounded so that what follows it is aligned.
    static long floats(long count) {
        return round(count * Float.BYTES);
    }

    private static long round(long bytes) {
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
