package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.BYTES;
import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.get;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Loops of [CpuRmsNorm] over some rows of n elements, which lie one after the other.
///
/// Two vectors a turn: rows of a small model have few vectors, so that a loop around each would
/// cost as much as the vector.
///
/// What a loop carries from turn to turn begins as `all(0)` and never as a constant: C2 keeps what
/// a constant may be merged with as an object.
final class RmsNormLoops {
    private static final FloatVector ONE = all(1);

    private RmsNormLoops() {}

    /// `sum x^2` of each row.
    static void squares(int rows, int n, long x, long sums) {
        for (int row = 0; row < rows; row++) {
            long line = x + (long) row * n * BYTES;
            FloatVector even = all(0);
            FloatVector odd = all(0);
            int i = 0;
            for (; i <= n - 2 * LANES; i += 2 * LANES) {
                FloatVector a = load(line, i);
                FloatVector b = load(line, i + LANES);
                even = a.fma(a, even);
                odd = b.fma(b, odd);
            }
            for (; i < n; i += LANES) {
                FloatVector a = load(line, i, head(n - i));
                even = a.fma(a, even);
            }
            F32.set(sums, row, LaneSum.sum(even.add(odd)));
        }
    }

    /// `y = x r (1 + w)`, r being one number a row.
    static void scale(int rows, int n, long x, long w, long r, long y) {
        for (int row = 0; row < rows; row++) {
            long line = x + (long) row * n * BYTES;
            long to = y + (long) row * n * BYTES;
            FloatVector factor = all(get(r, row));
            int i = 0;
            for (; i <= n - 2 * LANES; i += 2 * LANES) {
                int j = i + LANES;
                FloatVector a = load(line, i).mul(factor);
                FloatVector b = load(line, j).mul(factor);
                store(to, i, a.mul(load(w, i).add(ONE)));
                store(to, j, b.mul(load(w, j).add(ONE)));
            }
            for (; i < n; i += LANES) {
                VectorMask<Float> mask = head(n - i);
                FloatVector a = load(line, i, mask).mul(factor);
                store(to, i, a.mul(load(w, i, mask).add(ONE)), mask);
            }
        }
    }

    /// `sum dy (1 + w) x` of each row.
    static void dots(int rows, int n, long dy, long w, long x, long sums) {
        for (int row = 0; row < rows; row++) {
            long dLine = dy + (long) row * n * BYTES;
            long line = x + (long) row * n * BYTES;
            FloatVector even = all(0);
            FloatVector odd = all(0);
            int i = 0;
            for (; i <= n - 2 * LANES; i += 2 * LANES) {
                int j = i + LANES;
                even = load(dLine, i).mul(load(w, i).add(ONE)).fma(load(line, i), even);
                odd = load(dLine, j).mul(load(w, j).add(ONE)).fma(load(line, j), odd);
            }
            for (; i < n; i += LANES) {
                VectorMask<Float> mask = head(n - i);
                FloatVector g = load(dLine, i, mask).mul(load(w, i, mask).add(ONE));
                even = g.fma(load(line, i, mask), even);
            }
            F32.set(sums, row, LaneSum.sum(even.add(odd)));
        }
    }

    /// `dx = r dy (1 + w) + back x`, r and back being one number a row.
    static void gradient(
            int rows, int n, long dy, long w, long x, long r, long back, long dx) {
        for (int row = 0; row < rows; row++) {
            long dLine = dy + (long) row * n * BYTES;
            long line = x + (long) row * n * BYTES;
            long to = dx + (long) row * n * BYTES;
            FloatVector factor = all(get(r, row));
            FloatVector along = all(get(back, row));
            int i = 0;
            for (; i <= n - 2 * LANES; i += 2 * LANES) {
                int j = i + LANES;
                FloatVector g = load(dLine, i).mul(load(w, i).add(ONE));
                FloatVector h = load(dLine, j).mul(load(w, j).add(ONE));
                store(to, i, g.fma(factor, load(line, i).mul(along)));
                store(to, j, h.fma(factor, load(line, j).mul(along)));
            }
            for (; i < n; i += LANES) {
                VectorMask<Float> mask = head(n - i);
                FloatVector g = load(dLine, i, mask).mul(load(w, i, mask).add(ONE));
                store(to, i, g.fma(factor, load(line, i, mask).mul(along)), mask);
            }
        }
    }

    /// `sum += dy x r` over the rows, r being one number a row; what the rows add is added up
    /// first.
    static void addProducts(int rows, int n, long dy, long x, long r, long sum) {
        int i = 0;
        for (; i <= n - 2 * LANES; i += 2 * LANES) {
            int j = i + LANES;
            FloatVector even = all(0);
            FloatVector odd = all(0);
            for (int row = 0; row < rows; row++) {
                long dLine = dy + (long) row * n * BYTES;
                long line = x + (long) row * n * BYTES;
                FloatVector factor = all(get(r, row));
                even = load(dLine, i).fma(load(line, i).mul(factor), even);
                odd = load(dLine, j).fma(load(line, j).mul(factor), odd);
            }
            store(sum, i, load(sum, i).add(even));
            store(sum, j, load(sum, j).add(odd));
        }
        for (; i < n; i += LANES) {
            VectorMask<Float> mask = head(n - i);
            FloatVector even = all(0);
            for (int row = 0; row < rows; row++) {
                long dLine = dy + (long) row * n * BYTES;
                long line = x + (long) row * n * BYTES;
                FloatVector scaled = load(line, i, mask).mul(all(get(r, row)));
                even = load(dLine, i, mask).fma(scaled, even);
            }
            store(sum, i, load(sum, i, mask).add(even), mask);
        }
    }
}
