package dev.lethe.kernels.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// F32 loops of [CpuReduce]: one row, or rows of `inner` elements taken together.
final class ReduceLoops {
    private ReduceLoops() {}

    /// Vectors round robin into one pair of accumulators, then their lanes.
    static double sumRow(long x, int n) {
        DoubleVector lower = F64.all(0);
        DoubleVector upper = F64.all(0);
        int i = 0;
        for (; i < F32.bound(n); i += F32.LANES) {
            FloatVector v = F32.load(x, i);
            lower = lower.add(F64.lower(v));
            upper = upper.add(F64.upper(v));
        }
        if (i < n) {
            FloatVector v = F32.load(x, i, F32.head(n - i));
            lower = lower.add(F64.lower(v));
            upper = upper.add(F64.upper(v));
        }
        return LaneSum.sum(lower.add(upper));
    }

    static void sumRows(int length, int inner, long x, long sums, long y) {
        int whole = F32.bound(inner);
        VectorMask<Float> tail = F32.head(inner - whole);
        HostMemory.zero(sums, (long) F32.padded(inner) * Double.BYTES);
        for (int row = 0; row < length; row++) {
            long from = x + (long) row * inner * Float.BYTES;
            for (int j = 0; j < whole; j += F32.LANES) {
                F64.accumulate(sums, j, F32.load(from, j));
            }
            if (whole < inner) {
                F64.accumulate(sums, whole, F32.load(from, whole, tail));
            }
        }
        ElementwiseF64.narrow(sums, y, inner);
    }

    static float maxRow(long x, int n) {
        FloatVector max = F32.all(Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i < F32.bound(n); i += F32.LANES) {
            max = max.max(F32.load(x, i));
        }
        if (i < n) {
            VectorMask<Float> tail = F32.head(n - i);
            max = max.max(F32.all(Float.NEGATIVE_INFINITY).blend(F32.load(x, i, tail), tail));
        }
        return LaneSum.max(max);
    }

    static void maxRows(int length, int inner, long x, long y) {
        ElementwiseLoops.fill(Float.NEGATIVE_INFINITY, y, inner);
        int whole = F32.bound(inner);
        VectorMask<Float> tail = F32.head(inner - whole);
        for (int row = 0; row < length; row++) {
            long from = x + (long) row * inner * Float.BYTES;
            for (int j = 0; j < whole; j += F32.LANES) {
                F32.store(y, j, F32.load(y, j).max(F32.load(from, j)));
            }
            if (whole < inner) {
                FloatVector v = F32.load(from, whole, tail);
                F32.store(y, whole, F32.load(y, whole, tail).max(v), tail);
            }
        }
    }
}
