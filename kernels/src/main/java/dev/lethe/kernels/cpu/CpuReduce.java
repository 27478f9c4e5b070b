package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.ReduceKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;

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
                F32.set(y.address(), i, (float) ReduceLoops.sumRow(row, r.length()));
            }
        } else {
            long sums = SCRATCH.bytes((long) F32.padded(r.inner()) * Double.BYTES);
            for (int i = 0; i < r.outer(); i++) {
                long block = x.address() + (long) i * r.length() * r.inner() * Float.BYTES;
                long out = y.address() + (long) i * r.inner() * Float.BYTES;
                ReduceLoops.sumRows(r.length(), r.inner(), block, sums, out);
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
                F32.set(y.address(), i, ReduceLoops.maxRow(row, r.length()));
            }
        } else {
            for (int i = 0; i < r.outer(); i++) {
                long block = x.address() + (long) i * r.length() * r.inner() * Float.BYTES;
                ReduceLoops.maxRows(
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
