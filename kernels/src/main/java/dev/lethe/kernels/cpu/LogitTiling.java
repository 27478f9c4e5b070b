package dev.lethe.kernels.cpu;

/// How [CpuLinearLoss] cuts logits `[rows, vocabulary]`: blocks of rows, one after the other, whose
/// logits are held all at once, tile by tile of the vocabulary. A tile is one matrix product and
/// fits the second-level cache; shape alone decides.
///
/// @param rows of a block at most
/// @param columns of a tile, but for the last
/// @param stride floats from one row of a tile to the next
record LogitTiling(int vocabulary, int rows, int columns, int stride) {
    private static final int TILE = 1 << 18; // logits: 1 MiB
    private static final int MOST_COLUMNS = 2048;
    private static final int BLOCK = 1 << 25; // logits: 128 MiB
    private static final int LEAST_ROWS = 16; // fewer, and products only wait for the weight

    static LogitTiling of(int rows, int vocabulary) {
        int columns = Math.min(vocabulary, MOST_COLUMNS);
        int most = Math.min(TILE / columns, Math.max(LEAST_ROWS, BLOCK / vocabulary));
        int blocks = Math.ceilDiv(rows, most);
        int even = blocks == 0 ? 0 : Math.ceilDiv(rows, blocks); // no last block of a few rows
        // Where it is cut, rows that lie a power of two apart would meet in the same cache sets.
        int stride = columns == vocabulary ? columns : columns + F32.LANES;
        return new LogitTiling(vocabulary, even, columns, stride);
    }

    int tiles() {
        return Math.ceilDiv(vocabulary, columns);
    }

    /// The first column of a tile.
    int first(int tile) {
        return tile * columns;
    }

    int width(int tile) {
        return Math.min(columns, vocabulary - first(tile));
    }

    /// Bytes of a tile.
    long bytes() {
        return Scratch.floats((long) rows * stride);
    }
}
