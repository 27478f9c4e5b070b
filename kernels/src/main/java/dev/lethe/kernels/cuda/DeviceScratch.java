package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.BlockSource.Block;

/// Device memory that one call uses and the next may overwrite, in the order of the stream. It
/// grows to the largest request; while a graph is captured it may not grow, so a step runs once
/// before.
final class DeviceScratch implements AutoCloseable {
    private static final long FIRST_BYTES = 1 << 20;

    private final DeviceBlocks blocks;
    private Block block;

    DeviceScratch(DeviceBlocks blocks) {
        this.blocks = blocks;
        this.block = blocks.allocate(FIRST_BYTES);
    }

    /// At least that many bytes, aligned to 512, until the next call of this method. The caller
    /// holds the device's monitor until its work is submitted.
    DeviceAddress bytes(long bytes) {
        if (bytes > block.bytes()) {
            Block larger = blocks.allocate(Math.max(bytes, 2 * block.bytes()));
            blocks.free(block);
            block = larger;
        }
        return new DeviceAddress(block.address());
    }

    @Override
    public void close() {
        blocks.free(block);
    }
}
