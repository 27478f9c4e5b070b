package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.MovementKernels;
import dev.lethe.engine.backend.Strided;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.kernels.cuda.KernelSource.Kernel;

/// Everything is one walk: contiguous on one side, strided on the other ([StridedAxes]).
final class CudaMovement implements MovementKernels {
    static final KernelSource SOURCE =
            KernelSource.exact(
                    "movement",
                    "movement_read(const word* x, word* y, Axes axes, long long start,"
                            + " long long n)",
                    "movement_write(const word* x, word* y, Axes axes, long long start,"
                            + " long long n)");
    private static final Kernel READ = SOURCE.kernel("movement_read");
    private static final Kernel WRITE = SOURCE.kernel("movement_write");

    private final CudaDevice device;
    private final KernelLauncher launcher;

    CudaMovement(CudaDevice device, KernelLauncher launcher) {
        this.device = device;
        this.launcher = launcher;
    }

    @Override
    public void broadcast(Shape from, Shape to, Buffer x, Buffer y) {
        Strided read = Strided.broadcast(from, to);
        check("broadcast", from, to.size(), x, y);
        walk(READ, read.dims(), read.strides(), 0, x, y);
    }

    @Override
    public void transpose(Shape from, int[] permutation, Buffer x, Buffer y) {
        Strided read = Strided.transpose(from, permutation);
        check("transpose", from, from.size(), x, y);
        walk(READ, read.dims(), read.strides(), 0, x, y);
    }

    @Override
    public void slice(Shape from, int axis, int start, int length, Buffer x, Buffer y) {
        range("slice", start, length, from.dim(axis), from);
        Shape part = from.with(axis, length);
        check("slice", from, part.size(), x, y);
        long[] strides = from.strides();
        walk(READ, part.dims(), strides, start * strides[from.axis(axis)], x, y);
    }

    @Override
    public void pad(Shape from, int axis, int start, int total, Buffer x, Buffer y) {
        range("pad", start, from.dim(axis), total, from);
        Shape whole = from.with(axis, total);
        check("pad", from, whole.size(), x, y);
        if (y.length() > 0) {
            device.zero(y, "pad to " + whole);
        }
        long[] strides = whole.strides();
        walk(WRITE, from.dims(), strides, start * strides[from.axis(axis)], x, y);
    }

    private void walk(Kernel kernel, int[] dims, long[] strides, long start, Buffer x, Buffer y) {
        long count = kernel == READ ? y.length() : x.length();
        if (count > 0) {
            DType width = x.dtype() == DType.I32 ? DType.F32 : x.dtype(); // as wide
            long[] axes = StridedAxes.of(dims, strides);
            launcher.launch(kernel, width, Grid.over(count), x, y, axes, start, count);
        }
    }

    private static void range(String name, int start, int length, int total, Shape from) {
        if (start < 0 || length < 0 || (long) start + length > total) {
            throw new IllegalArgumentException(
                    "%s: [%d, %d) of %s must lie within the %d along the axis"
                            .formatted(name, start, (long) start + length, from, total));
        }
    }

    private static void check(String name, Shape from, long size, Buffer x, Buffer y) {
        Operands.exactly(name + ": x", x, x.dtype(), from.size());
        Operands.exactly(name + ": y", y, x.dtype(), size);
        Operands.apart(name + ": y", y, x);
    }
}
