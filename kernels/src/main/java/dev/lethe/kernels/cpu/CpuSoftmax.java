package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.SoftmaxKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;

/// Row by row: maximum, exponentials and their sum, result.
final class CpuSoftmax implements SoftmaxKernels {
    @Override
    public void softmax(int width, Buffer x, Buffer y) {
        int rows = check("softmax", width, x, y);
        for (int row = 0; row < rows; row++) {
            long offset = (long) row * width * x.dtype().bytes();
            if (x.dtype() == DType.F32) {
                softmaxF32(width, x.address() + offset, y.address() + offset);
            } else {
                rowF64(width, x.address() + offset, y.address() + offset, false);
            }
        }
    }

    @Override
    public void logSoftmax(int width, Buffer x, Buffer y) {
        int rows = check("logSoftmax", width, x, y);
        for (int row = 0; row < rows; row++) {
            long offset = (long) row * width * x.dtype().bytes();
            if (x.dtype() == DType.F32) {
                logSoftmaxF32(width, x.address() + offset, y.address() + offset);
            } else {
                rowF64(width, x.address() + offset, y.address() + offset, true);
            }
        }
    }

    private static int check(String name, int width, Buffer x, Buffer y) {
        DType dtype = Expect.floating(name + ": x", x);
        int rows = Expect.rows(name + ": x", x, width);
        Expect.exactly(name + ": y", y, dtype, x.length());
        Expect.apart(name + ": y", y, x);
        return rows;
    }

    private static void softmaxF32(int n, long x, long y) {
        float sum = RowLoops.exponentials(n, x, RowLoops.max(n, x), y);
        RowLoops.divide(n, y, sum, y);
    }

    private static void logSoftmaxF32(int n, long x, long y) {
        float max = RowLoops.max(n, x);
        float logSum = (float) StrictMath.log(RowLoops.exponentials(n, x, max, y));
        RowLoops.subtract(n, x, max, logSum, y);
    }

    private static void rowF64(int n, long x, long y, boolean log) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            max = Math.max(max, F64.get(x, i));
        }
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double e = StrictMath.exp(F64.get(x, i) - max);
            F64.set(y, i, e);
            sum += e;
        }
        double logSum = StrictMath.log(sum);
        for (int i = 0; i < n; i++) {
            F64.set(y, i, log ? F64.get(x, i) - max - logSum : F64.get(y, i) / sum);
        }
    }
}
