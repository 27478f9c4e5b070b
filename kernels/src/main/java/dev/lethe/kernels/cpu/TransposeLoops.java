package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.BYTES;
import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// Transposes a matrix by squares of one vector's width.
///
/// Within a square, rows that lie h apart swap the halves of each run of 2h lanes, for h from half
/// the width down to 1.
final class TransposeLoops {
    /// Floats of working memory.
    static final int SQUARE = LANES * LANES;

    private static final Exchange BY_8 = Exchange.of(8);
    private static final Exchange BY_4 = Exchange.of(4);
    private static final Exchange BY_2 = Exchange.of(2);
    private static final Exchange BY_1 = Exchange.of(1);

    private TransposeLoops() {}

    /// `y = x^T` for x of some rows and columns. Strides are in elements; a row of y takes
    /// [F32#padded] elements, those beyond x's rows being undefined.
    static void transpose(
            int rows, int columns, long x, int xStride, long y, int yStride, long square) {
        for (int column = 0; column < columns; column += LANES) {
            int width = Math.min(LANES, columns - column);
            for (int row = 0; row < rows; row += LANES) {
                long from = x + ((long) row * xStride + column) * BYTES;
                gather(Math.min(LANES, rows - row), width, from, xStride, square);
                if (LANES > 8) {
                    exchange(BY_8, 8, square);
                }
                if (LANES > 4) {
                    exchange(BY_4, 4, square);
                }
                if (LANES > 2) {
                    exchange(BY_2, 2, square);
                }
                exchange(BY_1, 1, square);
                move(width, square, LANES, y + ((long) column * yStride + row) * BYTES, yStride);
            }
        }
    }

    /// Rows narrower than a vector, as whole vectors.
    private static void gather(int rows, int width, long x, int stride, long square) {
        if (width == LANES) {
            move(rows, x, stride, square, LANES);
            return;
        }
        VectorMask<Float> mask = head(width);
        for (int row = 0; row < rows; row++) {
            store(square, row * LANES, load(x + (long) row * stride * BYTES, 0, mask));
        }
    }

    private static void move(int rows, long x, int xStride, long y, int yStride) {
        for (int row = 0; row < rows; row++) {
            store(y + (long) row * yStride * BYTES, 0, load(x + (long) row * xStride * BYTES, 0));
        }
    }

    private static void exchange(Exchange with, int apart, long square) {
        for (int pair = 0; pair < LANES / 2; pair++) {
            int low = (pair & -apart) + pair; // counts the rows that are the upper of no pair
            FloatVector a = load(square, low * LANES);
            FloatVector b = load(square, (low + apart) * LANES);
            store(square, low * LANES, a.blend(b.rearrange(with.up), with.upper));
            store(square, (low + apart) * LANES, a.rearrange(with.down).blend(b, with.upper));
        }
    }

    /// Lane i takes lane `i - apart` (up) or `i + apart` (down); upper lanes are those of every
    /// second run of `apart`.
    private record Exchange(
            VectorShuffle<Float> up, VectorShuffle<Float> down, VectorMask<Float> upper) {
        static Exchange of(int apart) {
            long bits = 0;
            for (int i = 0; i < LANES; i++) {
                bits |= (i & apart) == 0 ? 0 : 1L << i;
            }
            return new Exchange(
                    VectorShuffle.fromOp(F32.SPECIES, i -> (i - apart) & (LANES - 1)),
                    VectorShuffle.fromOp(F32.SPECIES, i -> (i + apart) & (LANES - 1)),
                    VectorMask.fromLong(F32.SPECIES, bits));
        }
    }
}
