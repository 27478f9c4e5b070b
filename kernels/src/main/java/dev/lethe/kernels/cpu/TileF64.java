package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F64.LANES;
import static dev.lethe.kernels.cpu.F64.all;
import static dev.lethe.kernels.cpu.F64.get;
import static dev.lethe.kernels.cpu.F64.load;
import static dev.lethe.kernels.cpu.F64.set;
import static dev.lethe.kernels.cpu.F64.store;

import jdk.incubator.vector.DoubleVector;

/// The F64 register tile of [VectorGemm]: 6 rows by 2 vectors of c, kept in registers over k.
final class TileF64 implements Tile {
    private static final int COLUMNS = 2 * LANES;

    @Override
    public int columns() {
        return COLUMNS;
    }

    @Override
    public int elementBytes() {
        return F64.BYTES;
    }

    @Override
    public void multiply(int k, long a, long b, long c) {
        DoubleVector c00 = all(0);
        DoubleVector c01 = all(0);
        DoubleVector c10 = all(0);
        DoubleVector c11 = all(0);
        DoubleVector c20 = all(0);
        DoubleVector c21 = all(0);
        DoubleVector c30 = all(0);
        DoubleVector c31 = all(0);
        DoubleVector c40 = all(0);
        DoubleVector c41 = all(0);
        DoubleVector c50 = all(0);
        DoubleVector c51 = all(0);
        for (int p = 0; p < k; p++) {
            DoubleVector b0 = load(b, p * COLUMNS);
            DoubleVector b1 = load(b, p * COLUMNS + LANES);
            DoubleVector a0 = all(get(a, p * ROWS));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            DoubleVector a1 = all(get(a, p * ROWS + 1));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            DoubleVector a2 = all(get(a, p * ROWS + 2));
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            DoubleVector a3 = all(get(a, p * ROWS + 3));
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            DoubleVector a4 = all(get(a, p * ROWS + 4));
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            DoubleVector a5 = all(get(a, p * ROWS + 5));
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
        }
        store(c, 0, c00);
        store(c, LANES, c01);
        store(c, COLUMNS, c10);
        store(c, COLUMNS + LANES, c11);
        store(c, 2 * COLUMNS, c20);
        store(c, 2 * COLUMNS + LANES, c21);
        store(c, 3 * COLUMNS, c30);
        store(c, 3 * COLUMNS + LANES, c31);
        store(c, 4 * COLUMNS, c40);
        store(c, 4 * COLUMNS + LANES, c41);
        store(c, 5 * COLUMNS, c50);
        store(c, 5 * COLUMNS + LANES, c51);
    }

    @Override
    public void move(int count, long x, long xStep, long y, long yStep) {
        for (int i = 0; i < count; i++) {
            HostMemory.f64(y + i * yStep, HostMemory.f64(x + i * xStep));
        }
    }

    @Override
    public void put(int count, long x, boolean accumulate, long y) {
        for (int i = 0; i < count; i++) {
            set(y, i, accumulate ? get(y, i) + get(x, i) : get(x, i));
        }
    }
}
