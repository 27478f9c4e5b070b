package dev.lethe.kernels.cuda;

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

    static Grid of(int blocks, int threads) {
        return new Grid(blocks, 1, threads, 0);
    }

    Grid withShared(int bytes) {
        return new Grid(blocksX, blocksY, threads, bytes);
    }
}
