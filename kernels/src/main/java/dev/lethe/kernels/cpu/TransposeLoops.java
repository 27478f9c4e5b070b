package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.BYTES;
import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Transposes a matrix by squares of one vector's width.
///
/// Within a square, rows that lie h apart swap the halves of each run of 2h lanes, for h from half
/// the width down to 1: two such exchanges while four rows are in registers, the rest in a second
/// pass.
final class TransposeLoops {
    /// Floats of working memory.
    static final int SQUARE = LANES * LANES;

    /// Rows in registers.
    static final int FOUR = 4;

    private static final int QUARTER = LANES / FOUR;

    private static final LaneExchange BY_HALF = LaneExchange.of(LANES / 2);
    private static final LaneExchange BY_QUARTER = LaneExchange.of(QUARTER);
    private static final LaneExchange BY_2 = LaneExchange.of(2);
    private static final LaneExchange BY_1 = LaneExchange.of(1);

    private TransposeLoops() {}

    /// `y = x^T` for x of some rows and columns. Strides are in elements. A row of y takes
    /// [F32#padded] elements, those beyond x's rows being undefined, and y takes rows up to a
    /// multiple of [#FOUR].
    static void transpose(
            int rows, int columns, long x, int xStride, long y, int yStride, long square) {
        for (int column = 0; column < columns; column += LANES) {
            int width = Math.min(LANES, columns - column);
            for (int row = 0; row < rows; row += LANES) {
                long from = x + ((long) row * xStride + column) * BYTES;
                halvesAndQuarters(Math.min(LANES, rows - row), width, from, xStride, square);
                twosAndOnes(width, square, y + ((long) column * yStride + row) * BYTES, yStride);
            }
        }
    }

    /// What of x lies within, and its last row in place of those beyond, to whole vectors.
    private static void halvesAndQuarters(int rows, int columns, long x, int stride, long square) {
        VectorMask<Float> mask = head(columns);
        int last = rows - 1;
        for (int row = 0; row < QUARTER; row++) {
            FloatVector a = load(x, Math.min(row, last) * stride, mask);
            FloatVector b = load(x, Math.min(row + QUARTER, last) * stride, mask);
            FloatVector c = load(x, Math.min(row + 2 * QUARTER, last) * stride, mask);
            FloatVector d = load(x, Math.min(row + 3 * QUARTER, last) * stride, mask);
            FloatVector ac = BY_HALF.first(a, c);
            FloatVector bd = BY_HALF.first(b, d);
            FloatVector ca = BY_HALF.second(a, c);
            FloatVector db = BY_HALF.second(b, d);
            store(square, row * LANES, BY_QUARTER.first(ac, bd));
            store(square, (row + QUARTER) * LANES, BY_QUARTER.second(ac, bd));
            store(square, (row + 2 * QUARTER) * LANES, BY_QUARTER.first(ca, db));
            store(square, (row + 3 * QUARTER) * LANES, BY_QUARTER.second(ca, db));
        }
    }

    /// As far as quarters are wider than that.
    private static void twosAndOnes(int rows, long square, long y, int stride) {
        for (int row = 0; row < rows; row += FOUR) {
            FloatVector a = load(square, row * LANES);
            FloatVector b = load(square, (row + 1) * LANES);
            FloatVector c = load(square, (row + 2) * LANES);
            FloatVector d = load(square, (row + 3) * LANES);
            FloatVector ac = QUARTER > 2 ? BY_2.first(a, c) : a;
            FloatVector bd = QUARTER > 2 ? BY_2.first(b, d) : b;
            FloatVector ca = QUARTER > 2 ? BY_2.second(a, c) : c;
            FloatVector db = QUARTER > 2 ? BY_2.second(b, d) : d;
            store(y, row * stride, QUARTER > 1 ? BY_1.first(ac, bd) : ac);
            store(y, (row + 1) * stride, QUARTER > 1 ? BY_1.second(ac, bd) : bd);
            store(y, (row + 2) * stride, QUARTER > 1 ? BY_1.first(ca, db) : ca);
            store(y, (row + 3) * stride, QUARTER > 1 ? BY_1.second(ca, db) : db);
        }
    }
}
