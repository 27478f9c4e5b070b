package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.ReduceKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// F32 sums are taken in F64 and rounded once: along rows in vectors and [LaneSum], across rows one
/// row after the other. F64 goes element by element.
final class CpuReduce implements ReduceKernels {
    private static final Scratch SCRATCH = new Scratch();

    @Override
    public void sum(Reduction r, Buffer x, Buffer y) {
        check("sum", r, x, y);
        if (x.dtype() == DType.F64) {
            sumF64(r, x.address(), y.address());
        } else if (r.inner() == 1) {
            for (int i = 0; i < r.outer(); i++) {
                long row = x.address() + (long) i * r.length() * Float.BYTES;
                F32.set(y.address(), i, (float) sumRow(row, r.length()));
            }
        } else {
            long sums = SCRATCH.bytes((long) F32.padded(r.inner()) * Double.BYTES);
            for (int i = 0; i < r.outer(); i++) {
                long block = x.address() + (long) i * r.length() * r.inner() * Float.BYTES;
                long out = y.address() + (long) i * r.inner() * Float.BYTES;
                sumRows(r.length(), r.inner(), block, sums, out);
            }
        }
    }

    @Override
    public void max(Reduction r, Buffer x, Buffer y) {
        check("max", r, x, y);
        if (x.dtype() == DType.F64) {
            maxF64(r, x.address(), y.address());
        } else if (r.inner() == 1) {
            for (int i = 0; i < r.outer(); i++) {
                long row = x.address() + (long) i * r.length() * Float.BYTES;
                F32.set(y.address(), i, maxRow(row, r.length()));
            }
        } else {
            for (int i = 0; i < r.outer(); i++) {
                long block = x.address() + (long) i * r.length() * r.inner() * Float.BYTES;
                maxRows(
                        r.length(),
                        r.inner(),
                        block,
                        y.address() + (long) i * r.inner() * Float.BYTES);
            }
        }
    }

    private static void check(String name, Reduction r, Buffer x, Buffer y) {
        DType dtype = Expect.floating(name + ": x", x);
        long outputs = (long) r.outer() * r.inner();
        Expect.exactly(name + ": x", x, dtype, outputs * r.length());
        Expect.exactly(name + ": y", y, dtype, outputs);
        Expect.apart(name + ": y", y, x);
    }

    /// Vectors round robin into one pair of accumulators, then their lanes.
    private static double sumRow(long x, int n) {
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

    private static void sumRows(int length, int inner, long x, long sums, long y) {
        int whole = F32.bound(inner);
        VectorMask<Float> tail = F32.head(inner - whole);
        HostMemory.zero(sums, (long) F32.padded(inner) * Double.BYTES);
        for (int row = 0; row < length; row++) {
            long from = x + (long) row * inner * Float.BYTES;
            for (int j = 0; j < whole; j += F32.LANES) {
                add(sums, j, F32.load(from, j));
            }
            if (whole < inner) {
                add(sums, whole, F32.load(from, whole, tail));
            }
        }
        ElementwiseF64.narrow(sums, y, inner);
    }

    private static void add(long sums, int index, FloatVector v) {
        F64.store(sums, index, F64.load(sums, index).add(F64.lower(v)));
        int next = index + F64.LANES;
        F64.store(sums, next, F64.load(sums, next).add(F64.upper(v)));
    }

    private static float maxRow(long x, int n) {
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

    private static void maxRows(int length, int inner, long x, long y) {
        ElementwiseF32.fill(Float.NEGATIVE_INFINITY, y, inner);
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

    private static void sumF64(Reduction r, long x, long y) {
        ElementwiseF64.fill(0, y, r.outer() * r.inner());
        for (int outer = 0; outer < r.outer(); outer++) {
            long out = y + (long) outer * r.inner() * Double.BYTES;
            for (int row = 0; row < r.length(); row++) {
                long from = x + ((long) outer * r.length() + row) * r.inner() * Double.BYTES;
                for (int j = 0; j < r.inner(); j++) {
                    F64.set(out, j, F64.get(out, j) + F64.get(from, j));
                }
            }
        }
    }

    private static void maxF64(Reduction r, long x, long y) {
        ElementwiseF64.fill(Double.NEGATIVE_INFINITY, y, r.outer() * r.inner());
        for (int outer = 0; outer < r.outer(); outer++) {
            long out = y + (long) outer * r.inner() * Double.BYTES;
            for (int row = 0; row < r.length(); row++) {
                long from = x + ((long) outer * r.length() + row) * r.inner() * Double.BYTES;
                for (int j = 0; j < r.inner(); j++) {
                    F64.set(out, j, Math.max(F64.get(out, j), F64.get(from, j)));
                }
            }
        }
    }
}
