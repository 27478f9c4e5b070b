package dev.lethe.engine.memory;

import java.util.Arrays;

/// Dimensions of a row-major, contiguous array, outermost first. Immutable. A scalar is `[]`.
public final class Shape {
    private final int[] dims;
    private final long size;

    private Shape(int[] dims) {
        this.dims = dims;
        long product = 1;
        for (int dim : dims) {
            if (dim < 0) {
                throw new IllegalArgumentException(
                        "shape "
                                + Arrays.toString(dims)
                                + ": every dimension must be at least 0, got "
                                + dim);
            }
            product = Math.multiplyExact(product, dim);
        }
        this.size = product;
    }

    public static Shape of(int... dims) {
        return new Shape(dims.clone());
    }

    public static Shape scalar() {
        return new Shape(new int[0]);
    }

    public int rank() {
        return dims.length;
    }

    /// Dimension `axis`; negative axes count from the end, so `dim(-1)` is the innermost.
    public int dim(int axis) {
        return dims[axis(axis)];
    }

    /// Axis as a number from 0 to rank-1.
    public int axis(int axis) {
        int resolved = axis < 0 ? axis + dims.length : axis;
        if (resolved < 0 || resolved >= dims.length) {
            throw new IllegalArgumentException(
                    "axis " + axis + " does not exist in shape " + this + " of rank " + rank());
        }
        return resolved;
    }

    /// Number of elements.
    public long size() {
        return size;
    }

    /// Product of the dimensions from `from` (inclusive) to `to` (exclusive).
    public long sizeBetween(int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product *= dims[i];
        }
        return product;
    }

    /// Elements between neighbours along each axis.
    public long[] strides() {
        long[] strides = new long[dims.length];
        long stride = 1;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= dims[axis];
        }
        return strides;
    }

    /// All elements as rows of the innermost dimension: the number of rows.
    public int rows() {
        return Math.toIntExact(sizeBetween(0, Math.max(0, dims.length - 1)));
    }

    public Shape with(int axis, int dim) {
        int[] changed = dims.clone();
        changed[axis(axis)] = dim;
        return new Shape(changed);
    }

    public int[] dims() {
        return dims.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    @Override
    public String toString() {
        return Arrays.toString(dims).replace(" ", "");
    }
}
