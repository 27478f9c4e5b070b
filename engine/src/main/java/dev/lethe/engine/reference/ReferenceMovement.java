package dev.lethe.engine.reference;

import dev.lethe.engine.backend.MovementKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.Shape;
import java.util.Arrays;

/// Every movement is one walk over a small array whose other side is addressed by strides.
final class ReferenceMovement implements MovementKernels {
    @Override
    public void broadcast(Shape from, Shape to, Buffer x, Buffer y) {
        boolean fits = from.rank() == to.rank();
        long[] strides = from.strides();
        for (int axis = 0; fits && axis < to.rank(); axis++) {
            if (from.dim(axis) == 1) {
                strides[axis] = 0;
            } else {
                fits = from.dim(axis) == to.dim(axis);
            }
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "broadcast: %s must equal %s except where it is 1; reshape x first"
                            .formatted(from, to));
        }
        Cells in = Cells.of("broadcast: x", x, x.dtype(), from.size());
        Cells out = Cells.of("broadcast: y", y, x.dtype(), to.size());
        for (long i = 0; i < to.size(); i++) {
            out.set(i, in.get(offset(i, to, strides)));
        }
    }

    @Override
    public void transpose(Shape from, int[] permutation, Buffer x, Buffer y) {
        int[] sorted = permutation.clone();
        Arrays.sort(sorted);
        boolean valid = sorted.length == from.rank();
        for (int axis = 0; valid && axis < sorted.length; axis++) {
            valid = sorted[axis] == axis;
        }
        if (!valid) {
            throw new IllegalArgumentException(
                    "transpose: the permutation of %s must name each axis once, got %s"
                            .formatted(from, Arrays.toString(permutation)));
        }
        int[] dims = new int[permutation.length];
        long[] strides = new long[permutation.length];
        for (int axis = 0; axis < dims.length; axis++) {
            dims[axis] = from.dim(permutation[axis]);
            strides[axis] = from.strides()[permutation[axis]];
        }
        Shape to = Shape.of(dims);
        Cells in = Cells.of("transpose: x", x, x.dtype(), from.size());
        Cells out = Cells.of("transpose: y", y, x.dtype(), from.size());
        for (long i = 0; i < to.size(); i++) {
            out.set(i, in.get(offset(i, to, strides)));
        }
    }

    @Override
    public void slice(Shape from, int axis, int start, int length, Buffer x, Buffer y) {
        requireInside("slice", from, axis, new Range(start, length, from.dim(axis)));
        Shape to = from.with(axis, length);
        long[] strides = from.strides();
        long first = start * strides[from.axis(axis)];
        Cells in = Cells.of("slice: x", x, x.dtype(), from.size());
        Cells out = Cells.of("slice: y", y, x.dtype(), to.size());
        for (long i = 0; i < to.size(); i++) {
            out.set(i, in.get(first + offset(i, to, strides)));
        }
    }

    @Override
    public void pad(Shape from, int axis, int start, int total, Buffer x, Buffer y) {
        requireInside("pad", from, axis, new Range(start, from.dim(axis), total));
        Shape to = from.with(axis, total);
        long[] strides = to.strides();
        long first = start * strides[to.axis(axis)];
        Cells in = Cells.of("pad: x", x, x.dtype(), from.size());
        Cells out = Cells.of("pad: y", y, x.dtype(), to.size());
        for (long i = 0; i < to.size(); i++) {
            out.set(i, 0);
        }
        for (long i = 0; i < from.size(); i++) {
            out.set(first + offset(i, from, strides), in.get(i));
        }
    }

    private record Range(int start, int length, int total) {}

    private static void requireInside(String name, Shape from, int axis, Range range) {
        if (range.start < 0
                || range.length < 0
                || (long) range.start + range.length > range.total) {
            throw new IllegalArgumentException(
                    "%s: [%d, %d) must lie inside the %d elements of axis %d (x is %s)"
                            .formatted(
                                    name,
                                    range.start,
                                    (long) range.start + range.length,
                                    range.total,
                                    axis,
                                    from));
        }
    }

    /// Where element `index` of a contiguous array of shape `shape` lies in one with `strides`.
    private static long offset(long index, Shape shape, long[] strides) {
        long offset = 0;
        long rest = index;
        for (int axis = strides.length - 1; axis >= 0; axis--) {
            offset += rest % shape.dim(axis) * strides[axis];
            rest /= shape.dim(axis);
        }
        return offset;
    }
}
