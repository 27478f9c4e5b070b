package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.BlockSource.Block;
import java.util.ArrayDeque;
import java.util.Deque;

/// Device memory that one call uses and the next may overwrite, in the order of the stream. It
/// grows to the largest request; while a graph is captured it may not grow, so a step runs once
/// before. What it outgrows stays, since captured launches use it: less than the last in all.
final class DeviceScratch implements AutoCloseable {
    private static final long FIRST_BYTES = 1 << 20;

    private final DeviceBlocks blocks;
    private final Deque<Block> all = new ArrayDeque<>(); // the largest last

    DeviceScratch(DeviceBlocks blocks) {
        this.blocks = blocks;
        all.add(blocks.allocate(FIRST_BYTES));
    }

    /// At least that many bytes, aligned to 512, until the next call of this method. The caller
    /// holds the device's monitor until its work is submitted.
    DeviceAddress bytes(long bytes) {
        long held = all.getLast().bytes();
        if (bytes > held) {
            all.add(blocks.allocate(Math.max(bytes, 2 * held)));
        }
        return new DeviceAddress(all.getLast().address());
    }

    @Override
    public void close() {
        all.forEach(blocks::free);
    }
}
