package dev.lethe.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.BlockSource.Block;
import org.junit.jupiter.api.Test;

/// Blocks of every size are writable to their ends, apart from each other, and go back.
class HugePageBlocksTest {
    @Test
    void blocksAreAlignedWritableAndApart() {
        try (HugePageBlocks blocks = new HugePageBlocks()) {
            long[] sizes = {1, 100, (2L << 20) - 1, 2L << 20, (2L << 20) + 1, 9_000_001};
            Block[] made = new Block[sizes.length];
            for (int i = 0; i < sizes.length; i++) {
                made[i] = blocks.allocate(sizes[i]);
                assertTrue(made[i].bytes() >= sizes[i]);
                assertEquals(0, made[i].address() % 64);
                for (long at = 0; at + 4 <= made[i].bytes(); at += 4096) {
                    HostMemory.i32(made[i].address() + at, i);
                }
                HostMemory.i32(last(made[i]), i);
            }
            for (int i = 0; i < sizes.length; i++) {
                assertEquals(i, HostMemory.i32(made[i].address()));
                assertEquals(i, HostMemory.i32(last(made[i])));
                if (i % 2 == 0) {
                    blocks.free(made[i]);
                }
            }
            assertEquals(1, HostMemory.i32(made[1].address()));
        }
    }

    @Test
    void whatNoMachineHasIsRefusedInOneLine() {
        try (HugePageBlocks blocks = new HugePageBlocks()) {
            String message =
                    assertThrows(OutOfMemoryError.class, () -> blocks.allocate(1L << 50))
                            .getMessage();
            assertTrue(message.contains("MiB of off-heap memory were asked for"), message);
        }
    }

    private static long last(Block block) {
        return block.address() + (block.bytes() & -4) - 4;
    }
}
