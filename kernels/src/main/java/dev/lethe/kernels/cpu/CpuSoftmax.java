package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.SoftmaxKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

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
        float sum = exponentials(n, x, max(n, x), y);
        int i = 0;
        for (; i < F32.bound(n); i += F32.LANES) {
            F32.store(y, i, F32.load(y, i).div(sum));
        }
        if (i < n) {
            VectorMask<Float> tail = F32.head(n - i);
            F32.store(y, i, F32.load(y, i, tail).div(sum), tail);
        }
    }

    private static void logSoftmaxF32(int n, long x, long y) {
        float max = max(n, x);
        float logSum = (float) StrictMath.log(exponentials(n, x, max, y));
        int i = 0;
        for (; i < F32.bound(n); i += F32.LANES) {
            F32.store(y, i, F32.load(x, i).sub(max).sub(logSum));
        }
        if (i < n) {
            VectorMask<Float> tail = F32.head(n - i);
            F32.store(y, i, F32.load(x, i, tail).sub(max).sub(logSum), tail);
        }
    }

    /// The largest element; NaN is passed over, since the exponentials meet it again.
    private static float max(int n, long x) {
        FloatVector max = F32.all(Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i < F32.bound(n); i += F32.LANES) {
            max = LaneSum.raise(max, F32.load(x, i));
        }
        if (i < n) {
            VectorMask<Float> tail = F32.head(n - i);
            max = max.blend(LaneSum.raise(max, F32.load(x, i, tail)), tail);
        }
        return LaneSum.max(max);
    }

    /// `y = exp(x - max)`, and the sum of y.
    private static float exponentials(int n, long x, float max, long y) {
        FloatVector sum = F32.all(0);
        int i = 0;
        for (; i < F32.bound(n); i += F32.LANES) {
            FloatVector e = VectorMath.exp(F32.load(x, i).sub(max));
            F32.store(y, i, e);
            sum = sum.add(e);
        }
        if (i < n) {
            VectorMask<Float> tail = F32.head(n - i);
            FloatVector e = VectorMath.exp(F32.load(x, i, tail).sub(max));
            F32.store(y, i, e, tail);
            sum = sum.blend(sum.add(e), tail);
        }
        return LaneSum.sum(sum);
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
