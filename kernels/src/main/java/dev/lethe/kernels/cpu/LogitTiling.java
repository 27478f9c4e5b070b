package dev.lethe.kernels.cpu;

/// How [CpuLinearLoss] cuts logits `[rows, vocabulary]`: blocks of rows, one after the other, whose
/// logits are held all at once, tile by tile of the vocabulary. A tile is one matrix product and
/// stays in cache; shape alone decides.
///
/// @param rows of a block at most
/// @param columns of a tile, but for the last
record LogitTiling(int vocabulary, int rows, int columns) {
    private static final int TILE = 1 << 18; // logits of a vocabulary that is not cut: 1 MiB
    private static final int MOST_COLUMNS = 2048;
    // A product reads and packs a weight anew for each block: the more rows, the less that costs.
    private static final int MOST_ROWS = 256;
    private static final int BLOCK = MOST_ROWS * 256_000; // logits: 250 MiB
    private static final int LEAST_ROWS = 16;

    /// @param heads that hold logits of a block at once
    static LogitTiling of(int rows, int vocabulary, int heads) {
        int most = TILE / vocabulary;
        if (vocabulary > MOST_COLUMNS) {
            most = Math.clamp(BLOCK / heads / vocabulary, LEAST_ROWS, MOST_ROWS);
        }
        int blocks = Math.max(1, Math.ceilDiv(rows, most));
        int even = Math.ceilDiv(rows, blocks); // no last block of a few rows
        return new LogitTiling(vocabulary, even, Math.min(vocabulary, MOST_COLUMNS));
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
        return Scratch.floats((long) rows * columns);
    }
}
