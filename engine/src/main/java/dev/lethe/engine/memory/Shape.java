package dev.lethe.engine.memory;

import java.util.Arrays;

/// Dimensions of a row-major, contiguous array, outermost first. Immutable. A scalar is `[]`.
public final class Shape {
    private static final Known<Shape> KNOWN = new Known<>(1 << 10);
    private static final Shape SCALAR = new Shape(new int[0]);

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
        int hash = Arrays.hashCode(dims);
        Shape known = KNOWN.get(hash);
        return known != null && Arrays.equals(known.dims, dims)
                ? known
                : KNOWN.keep(hash, new Shape(dims.clone()));
    }

    public static Shape of(int a) {
        return of(1, a, 0, 0, 0);
    }

    public static Shape of(int a, int b) {
        return of(2, a, b, 0, 0);
    }

    public static Shape of(int a, int b, int c) {
        return of(3, a, b, c, 0);
    }

    public static Shape of(int a, int b, int c, int d) {
        return of(4, a, b, c, d);
    }

    /// The first `rank` of four dimensions, without an array where the shape is known.
    private static Shape of(int rank, int a, int b, int c, int d) {
        int hash = 31 + a;
        hash = rank > 1 ? 31 * hash + b : hash;
        hash = rank > 2 ? 31 * hash + c : hash;
        hash = rank > 3 ? 31 * hash + d : hash;
        Shape known = KNOWN.get(hash);
        boolean same =
                known != null
                        && known.dims.length == rank
                        && known.dims[0] == a
                        && (rank < 2 || known.dims[1] == b)
                        && (rank < 3 || known.dims[2] == c)
                        && (rank < 4 || known.dims[3] == d);
        return same
                ? known
                : KNOWN.keep(hash, new Shape(Arrays.copyOf(new int[] {a, b, c, d}, rank)));
    }

    public static Shape scalar() {
        return SCALAR;
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
        int changed = axis(axis);
        int hash = 1;
        for (int i = 0; i < dims.length; i++) {
            hash = 31 * hash + (i == changed ? dim : dims[i]);
        }
        Shape known = KNOWN.get(hash);
        if (known != null && known.is(this, changed, dim)) {
            return known;
        }
        int[] copy = dims.clone();
        copy[changed] = dim;
        return KNOWN.keep(hash, new Shape(copy));
    }

    private boolean is(Shape other, int axis, int dim) {
        boolean same = dims.length == other.dims.length;
        for (int i = 0; same && i < dims.length; i++) {
            same = dims[i] == (i == axis ? dim : other.dims[i]);
        }
        return same;
    }

    public int[] dims() {
        return dims.clone();
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Shape shape && Arrays.equals(dims, shape.dims);
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
