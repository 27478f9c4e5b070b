package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.BlockSource.Block;
import dev.lethe.engine.memory.DType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Device memory on the simulated device, whose size and counters are known.
class DeviceBlocksTest {
    private static final long MIB = 1 << 20;

    private CudaDevice device;
    private DeviceBlocks blocks;

    @BeforeEach
    void open() {
        SimulatedDevice.require();
        device = new CudaDevice();
        blocks = new DeviceBlocks(device);
    }

    @AfterEach
    void close() {
        blocks.close();
        assertEquals(0, SimulatedDevice.get("allocations"));
        device.close();
    }

    @Test
    void blocksAreAlignedAndApart() {
        long end = 0;
        for (long bytes : new long[] {0, 1, 511, 512, 513, 100_000}) {
            Block block = blocks.allocate(bytes);
            assertTrue(block.bytes() >= bytes);
            assertEquals(0, block.address() % 256);
            assertTrue(block.address() >= end, "blocks overlap");
            end = block.address() + block.bytes();
        }
        assertEquals(6, blocks.takenBlocks());
    }

    @Test
    void aFreedBlockIsTakenAgainWithoutTheDriver() {
        Block block = blocks.allocate(5 * MIB);
        blocks.free(block);
        assertEquals(0, blocks.takenBlocks());
        long before = SimulatedDevice.get("allocated");
        assertEquals(block, blocks.allocate(5 * MIB));
        assertEquals(before, SimulatedDevice.get("allocated"));
    }

    @Test
    void aBlockIsFreedOnce() {
        Block block = blocks.allocate(100);
        blocks.free(block);
        String message =
                assertThrows(IllegalStateException.class, () -> blocks.free(block)).getMessage();
        assertTrue(message.contains("free each block once"), message);
    }

    /// All memory in small blocks; every second one freed; then one larger than any hole.
    @Test
    void keptBlocksAreGivenUpUnderFragmentation() {
        try (var _ = SimulatedDevice.set("memory", 64 * MIB)) {
            List<Block> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                all.add(blocks.allocate(MIB));
            }
            for (int i = 0; i < 60; i += 2) {
                blocks.free(all.get(i));
            }
            Block large = blocks.allocate(20 * MIB); // fits only when the kept ones are given up
            blocks.free(large);
            for (int i = 1; i < 60; i += 2) {
                blocks.free(all.get(i));
            }
            assertEquals(0, blocks.takenBlocks());
            blocks.free(blocks.allocate(60 * MIB));
        }
    }

    @Test
    void outOfMemorySaysWhatIsFree() {
        try (var _ = SimulatedDevice.set("memory", 64 * MIB)) {
            blocks.allocate(40 * MIB);
            String message =
                    assertThrows(OutOfMemoryError.class, () -> blocks.allocate(30 * MIB))
                            .getMessage();
            assertTrue(message.contains("30.0 MiB were asked for"), message);
            assertTrue(message.contains("24.0 MiB of 64.0 MiB are free"), message);
            assertTrue(message.contains("40.0 MiB are in use here"), message);
            assertTrue(message.contains("smaller micro-batches"), message);
            assertEquals(1, message.lines().count());
            blocks.allocate(20 * MIB); // and goes on working
        }
    }

    @Test
    void aBackendLeavesNothing() {
        long pinned = SimulatedDevice.get("pinned");
        long leaked = SimulatedDevice.get("leaked");
        try (CudaBackend backend = new CudaBackend()) {
            int own = backend.takenBlocks();
            try (TensorArena kept = backend.openLongLived();
                    TensorArena step = backend.openStep()) {
                kept.allocate(DType.F32, 1000);
                step.allocate(DType.F32, 1000);
                assertEquals(own + 2, backend.takenBlocks());
            }
            assertEquals(own + 1, backend.takenBlocks(), "the step's block waits for the next");
        }
        assertEquals(pinned, SimulatedDevice.get("pinned"));
        assertEquals(leaked, SimulatedDevice.get("leaked"));
    }
}
