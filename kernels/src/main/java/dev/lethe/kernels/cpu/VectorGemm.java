package dev.lethe.kernels.cpu;

/// Matrix product in the Vector API, for where OpenBLAS cannot be loaded.
///
/// Blocks of op(b) and op(a) are packed, zero-padded to whole register tiles, so that all four
/// transposes run one inner loop. Each element of c is a sum by k in fused multiply-adds, in blocks
/// of `DEPTH` that are added one after the other.
final class VectorGemm implements Gemm {
    private static final int DEPTH = 256; // of k: one panel of b fits the first-level cache
    private static final int HEIGHT = 16 * Tile.ROWS; // of m: a block of a fits the second level
    private static final int WIDTH = 1024; // of n: a block of b is about 1 MB

    private static final Scratch SCRATCH = new Scratch();

    private final Tile f32 = new TileF32();
    private final Tile f64 = new TileF64();

    @Override
    public String description() {
        return "matrix product in the Vector API (no OpenBLAS)";
    }

    @Override
    public void f32(
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            long a,
            int lda,
            long b,
            int ldb,
            boolean accumulate,
            long c,
            int ldc) {
        multiply(
                f32,
                Operand.of(f32, transposeA, a, lda),
                Operand.of(f32, transposeB, b, ldb),
                new Target(m, n, k, accumulate, c, ldc));
    }

    @Override
    public void f64(
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            long a,
            int lda,
            long b,
            int ldb,
            boolean accumulate,
            long c,
            int ldc) {
        multiply(
                f64,
                Operand.of(f64, transposeA, a, lda),
                Operand.of(f64, transposeB, b, ldb),
                new Target(m, n, k, accumulate, c, ldc));
    }

    /// Distances in bytes between neighbours down a column and along a row of op(x).
    private record Operand(long address, long down, long along) {
        static Operand of(Tile tile, boolean transpose, long address, int ld) {
            long row = (long) ld * tile.elementBytes();
            return transpose
                    ? new Operand(address, tile.elementBytes(), row)
                    : new Operand(address, row, tile.elementBytes());
        }

        long at(int row, int column) {
            return address + row * down + column * along;
        }
    }

    private record Target(int m, int n, int k, boolean accumulate, long c, int ldc) {}

    /// Where the packed blocks of this call lie.
    private record Packed(long a, long b, long tile) {}

    private static void multiply(Tile tile, Operand a, Operand b, Target t) {
        int columns = tile.columns();
        int width = Math.min(WIDTH, (t.n + columns - 1) / columns * columns);
        long aBytes = (long) HEIGHT * DEPTH * tile.elementBytes();
        long bBytes = (long) width * DEPTH * tile.elementBytes();
        long tileBytes = (long) Tile.ROWS * columns * tile.elementBytes();
        long base = SCRATCH.bytes(aBytes + bBytes + tileBytes);
        Packed packed = new Packed(base, base + aBytes, base + aBytes + bBytes);
        for (int depth = 0; depth < t.k; depth += DEPTH) {
            int kc = Math.min(DEPTH, t.k - depth);
            boolean add = t.accumulate || depth > 0;
            for (int left = 0; left < t.n; left += WIDTH) {
                int nc = Math.min(WIDTH, t.n - left);
                packB(tile, b, depth, kc, left, nc, packed.b);
                for (int top = 0; top < t.m; top += HEIGHT) {
                    int mc = Math.min(HEIGHT, t.m - top);
                    packA(tile, a, depth, kc, top, mc, packed.a);
                    long c = t.c + ((long) top * t.ldc + left) * tile.elementBytes();
                    block(tile, packed, new Target(mc, nc, kc, add, c, t.ldc));
                }
            }
        }
    }

    /// All tiles of one packed block. A tile is computed beside c and then put there, as far as it
    /// lies within.
    private static void block(Tile tile, Packed packed, Target t) {
        int columns = tile.columns();
        int bytes = tile.elementBytes();
        for (int j = 0; j < t.n; j += columns) {
            long b = packed.b + (long) j * t.k * bytes;
            int count = Math.min(columns, t.n - j);
            for (int i = 0; i < t.m; i += Tile.ROWS) {
                tile.multiply(t.k, packed.a + (long) i * t.k * bytes, b, packed.tile);
                for (int row = 0; row < Math.min(Tile.ROWS, t.m - i); row++) {
                    tile.put(
                            count,
                            packed.tile + (long) row * columns * bytes,
                            t.accumulate,
                            t.c + ((long) (i + row) * t.ldc + j) * bytes);
                }
            }
        }
    }

    /// Rows `top` on, as panels of `[kc, ROWS]`.
    private static void packA(
            Tile tile, Operand a, int depth, int kc, int top, int mc, long to) {
        int bytes = tile.elementBytes();
        for (int i = 0; i < mc; i += Tile.ROWS) {
            long panel = to + (long) i * kc * bytes;
            int rows = Math.min(Tile.ROWS, mc - i);
            if (rows < Tile.ROWS) {
                HostMemory.zero(panel, (long) kc * Tile.ROWS * bytes);
            }
            for (int row = 0; row < rows; row++) {
                tile.move(
                        kc,
                        a.at(top + i + row, depth),
                        a.along,
                        panel + (long) row * bytes,
                        Tile.ROWS * bytes);
            }
        }
    }

    /// Columns `left` on, as panels of `[kc, columns]`.
    private static void packB(
            Tile tile, Operand b, int depth, int kc, int left, int nc, long to) {
        int bytes = tile.elementBytes();
        int columns = tile.columns();
        for (int j = 0; j < nc; j += columns) {
            long panel = to + (long) j * kc * bytes;
            int count = Math.min(columns, nc - j);
            if (count < columns) {
                HostMemory.zero(panel, (long) kc * columns * bytes);
            }
            for (int p = 0; p < kc; p++) {
                long from = b.at(depth + p, left + j);
                long row = panel + (long) p * columns * bytes;
                if (b.along == bytes) {
                    HostMemory.copy(from, row, (long) count * bytes);
                } else {
                    tile.move(count, from, b.along, row, bytes);
                }
            }
        }
    }
}
