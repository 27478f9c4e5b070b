package dev.lethe.kernels.cpu;

/// What [VectorGemm] needs to know about an element type: its register tile and its moves.
interface Tile {
    /// Rows of c in registers: 6 by 2 vectors, with 3 more for operands, fill 16 registers.
    int ROWS = 6;

    /// Columns of c in registers.
    int columns();

    int elementBytes();

    /// `c = a b` for one tile: a packed `[k, ROWS]`, b `[k, columns]`, c `[ROWS, columns]`.
    void multiply(int k, long a, long b, long c);

    /// Copies elements that lie `xStep` bytes apart to where they lie `yStep` bytes apart.
    void move(int count, long x, long xStep, long y, long yStep);

    /// `y[i] = x[i]` or `y[i] += x[i]`.
    void put(int count, long x, boolean accumulate, long y);
}
