package dev.lethe.engine.memory;

import dev.lethe.engine.memory.BlockSource.Block;
import java.util.ArrayDeque;
import java.util.Deque;

/// Keeps the blocks of closed arenas, so that every step finds the memory of the step before.
///
/// Thread-safe. An arena that outgrew its first block is answered with one block of the whole size
/// next time, so a steady state has one block an arena and no allocation at all.
public final class BlockPool implements AutoCloseable {
    private static final long FIRST_BLOCK = 1L << 20;

    private final BlockSource source;
    private final Deque<Block> free = new ArrayDeque<>();
    private long expected = FIRST_BLOCK;
    private long reservedBytes;
    private long peakBytes;
    private int blocks;
    private int openArenas;

    public BlockPool(BlockSource source) {
        this.source = source;
    }

    /// A free block that holds `bytes`: the one at that address, else the most recently returned,
    /// else a new one.
    ///
    /// @param address of the block that the asking arena had before; 0 for none
    public synchronized Block acquire(long bytes, long address) {
        Block found = null;
        for (Block block : free) {
            if (block.bytes() >= bytes && (found == null || block.address() == address)) {
                found = block;
            }
        }
        if (found == null) {
            return reserve(bytes);
        }
        free.remove(found);
        return found;
    }

    /// A new block, for what outlives a step: it must not carry off the memory of the next one.
    public synchronized Block reserve(long bytes) {
        Block block = source.allocate(bytes);
        blocks++;
        reservedBytes += block.bytes();
        peakBytes = Math.max(peakBytes, reservedBytes);
        return block;
    }

    /// Size of the first block of a step arena: what the largest one so far needed.
    public synchronized long expectedStepBytes() {
        return expected;
    }

    /// Takes back the blocks of a step arena. Several blocks are given up for one that holds all.
    ///
    /// @param used bytes of them that the step needed
    public synchronized void giveBack(Iterable<Block> blocks, int count, long used) {
        for (Block block : blocks) {
            if (count == 1) {
                free.push(block);
            } else {
                discard(block);
            }
        }
        expected = Math.max(expected, used);
        if (count > 1) { // free blocks that are too small for the next step would never be used again
            while (!free.isEmpty()) {
                discard(free.pop());
            }
        }
    }

    /// Takes exactly this block, which was given back before.
    ///
    /// @return false where somebody has it, or it was given up
    public synchronized boolean takeAgain(Block block) {
        return free.remove(block);
    }

    public synchronized void discard(Block block) {
        blocks--;
        reservedBytes -= block.bytes();
        source.free(block);
    }

    public synchronized void arenaOpened() {
        openArenas++;
    }

    public synchronized void arenaClosed() {
        openArenas--;
    }

    /// Arenas opened and not yet closed: zero when nothing leaks.
    public synchronized int openArenas() {
        return openArenas;
    }

    /// Bytes held from the source, in use or waiting.
    public synchronized long reservedBytes() {
        return reservedBytes;
    }

    /// The most bytes that were ever held at once.
    public synchronized long peakBytes() {
        return peakBytes;
    }

    /// Blocks that [#reservedBytes] lie in.
    public synchronized int blocks() {
        return blocks;
    }

    /// Gives everything back to the source.
    ///
    /// @throws IllegalStateException while an arena is open: its buffers would point at nothing
    @Override
    public synchronized void close() {
        if (openArenas > 0) {
            throw new IllegalStateException(
                    "close: %d arenas are still open; close models, optimizers and steps before their backend"
                            .formatted(openArenas));
        }
        free.clear();
        source.close();
    }
}
