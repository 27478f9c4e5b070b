package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.MovementKernels;
import dev.lethe.engine.backend.Strided;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.Shape;

/// Moves elements of 4 or 8 bytes as bits, in runs as long as the shapes allow.
///
/// Broadcast and transpose are one thing: a walk over the output, in order, with a stride through
/// the input for each axis ([StridedCopy]).
final class CpuMovement implements MovementKernels {
    @Override
    public void broadcast(Shape from, Shape to, Buffer x, Buffer y) {
        Strided read = Strided.broadcast(from, to);
        check("broadcast", from, to.size(), x, y);
        StridedCopy.run(
                read.dims(), read.strides(), x.dtype().bytes(), x.address(), y.address());
    }

    @Override
    public void transpose(Shape from, int[] permutation, Buffer x, Buffer y) {
        Strided read = Strided.transpose(from, permutation);
        check("transpose", from, from.size(), x, y);
        StridedCopy.run(
                read.dims(), read.strides(), x.dtype().bytes(), x.address(), y.address());
    }

    @Override
    public void slice(Shape from, int axis, int start, int length, Buffer x, Buffer y) {
        int whole = from.dim(axis);
        range("slice", start, length, whole, from);
        long inner = from.sizeBetween(from.axis(axis) + 1, from.rank()) * x.dtype().bytes();
        long outer = from.sizeBetween(0, from.axis(axis));
        check("slice", from, from.with(axis, length).size(), x, y);
        for (long i = 0; i < outer; i++) {
            HostMemory.copy(
                    x.address() + (i * whole + start) * inner,
                    y.address() + i * length * inner,
                    length * inner);
        }
    }

    @Override
    public void pad(Shape from, int axis, int start, int total, Buffer x, Buffer y) {
        int length = from.dim(axis);
        range("pad", start, length, total, from);
        long inner = from.sizeBetween(from.axis(axis) + 1, from.rank()) * x.dtype().bytes();
        long outer = from.sizeBetween(0, from.axis(axis));
        check("pad", from, from.with(axis, total).size(), x, y);
        HostMemory.zero(y.address(), y.bytes());
        for (long i = 0; i < outer; i++) {
            HostMemory.copy(
                    x.address() + i * length * inner,
                    y.address() + (i * total + start) * inner,
                    length * inner);
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
        Expect.exactly(name, "x", x, x.dtype(), from.size());
        Expect.exactly(name, "y", y, x.dtype(), size);
        Expect.apart(name + ": y", y, x);
    }
}
