package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.DType;

/// Blocks, threads a block, and dynamic shared memory of a launch.
record Grid(int blocksX, int blocksY, int threads, int sharedBytes) {
    private static final int THREADS = 256;
    /// Enough to fill any device several times over; each thread then loops.
    private static final int MOST_BLOCKS = 1 << 15;

    /// For a kernel that loops over `count` items from `firstItem()` by `itemStep()`.
    static Grid over(long count) {
        long blocks = (count + THREADS - 1) / THREADS;
        return of(Math.clamp(blocks, 1, MOST_BLOCKS), THREADS);
    }

    /// A block for each row, of whole warps and no more of them than the row has elements for.
    static Grid ofRows(int rows, int width) {
        return of(rows, Math.clamp((width + 31L) / 32 * 32, 32, THREADS));
    }

    /// For a kernel that loops over the packs of `count` elements.
    static Grid overPacks(long count, DType dtype) {
        return over(packs(count, dtype));
    }

    /// Packs of 16 bytes, as `pack.cuh` has them, that `count` elements fill.
    static long packs(long count, DType dtype) {
        int pack = 16 / dtype.bytes();
        return (count + pack - 1) / pack;
    }

    /// For a kernel whose warps loop over `count` items from `firstWarp()` by `warpStep()`.
    static Grid overWarps(long count) {
        return over(32 * count);
    }

    static Grid of(int blocks, int threads) {
        return of(blocks, 1, threads);
    }

    static Grid of(int blocksX, int blocksY, int threads) {
        return new Grid(blocksX, blocksY, threads, 0);
    }

    Grid withShared(int bytes) {
        return new Grid(blocksX, blocksY, threads, bytes);
    }
}
