package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.DType;

/// How many rows of logits a loss head holds at once: all together a sixteenth of the logits of all
/// rows, so that a head takes a small part of what it would take in primitives, which hold several
/// matrices of that size at once; but not less than is quickly done, and not more than products
/// gain from.
///
/// @param rows of a chunk, the last one's may be fewer; at least 1
/// @param pitch elements from row to row: cuBLAS is fast where rows are aligned
/// @param bytes of one matrix of logits
record LogitChunks(int rows, int pitch, long bytes) {
    private static final int SHARE = 16;
    private static final int ALIGNMENT = 32; // elements
    private static final int TILE = 128; // rows that cuBLAS takes together
    private static final int MOST_THREADS = 512; // ROW_THREADS of the source

    /// Least and most bytes of logits to hold at once.
    record Budget(long least, long most) {
        static final Budget USUAL = new Budget(64L << 20, 512L << 20);
    }

    /// @param matrices of logits held side by side: 2 where there is a teacher
    /// @param dtype of the logits
    static LogitChunks of(int rows, int vocabulary, int matrices, DType dtype, Budget budget) {
        int pitch = Math.addExact(vocabulary, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        long rowBytes = (long) pitch * dtype.bytes();
        long bytes =
                Math.clamp(rows * rowBytes * matrices / SHARE, budget.least, budget.most);
        long fit = Math.clamp(bytes / (rowBytes * matrices), 1, Math.max(1, rows));
        int chunk = (int) (fit < rows && fit > TILE ? fit / TILE * TILE : fit);
        return new LogitChunks(chunk, pitch, chunk * rowBytes);
    }

    /// Threads of a block that takes a row, each four logits at once.
    int threads() {
        return Math.clamp((pitch + 127) / 128 * 32, 32, MOST_THREADS);
    }
}
