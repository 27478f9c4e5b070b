package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.memory.Shape;

/// Repeats x to a larger shape: missing leading dimensions are taken as 1, and dimensions of 1 are
/// repeated, as in NumPy. Gradient: g summed over what was repeated.
///
/// @param from the input's shape, padded with leading ones to the rank of the output
public record Broadcast(Shape from) implements Primitive {
    public static Tensor broadcast(Tensor x, Shape to) {
        if (x.shape().equals(to)) {
            return x;
        }
        Shape from = padded(x.shape(), to.rank());
        if (!common("broadcast", from, to).equals(to)) {
            throw new IllegalArgumentException(
                    "broadcast: %s cannot be repeated to %s".formatted(x, to));
        }
        Tensor aligned = reshape(x, from);
        Tensor y = Tensor.result("broadcast", x.dtype(), to, aligned);
        y.backend().movement().broadcast(from, to, aligned.buffer(), y.buffer());
        return Node.record(new Broadcast(from), null, y, aligned);
    }

    /// Both operands at their common shape.
    static Tensor[] together(String operation, Tensor a, Tensor b) {
        if (a.dtype() != b.dtype()) {
            throw new IllegalArgumentException(
                    "%s: both inputs must have one element type, got %s and %s"
                            .formatted(operation, a, b));
        }
        if (a.shape().equals(b.shape())) {
            return new Tensor[] {a, b};
        }
        Shape shape = common(operation, a.shape(), b.shape());
        return new Tensor[] {broadcast(a, shape), broadcast(b, shape)};
    }

    private static Shape padded(Shape shape, int rank) {
        int missing = rank - shape.rank();
        if (missing < 0) {
            return shape;
        }
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = i < missing ? 1 : shape.dim(i - missing);
        }
        return Shape.of(dims);
    }

    private static Shape common(String operation, Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        Shape left = padded(a, rank);
        Shape right = padded(b, rank);
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
            int l = left.dim(i);
            int r = right.dim(i);
            if (l != r && l != 1 && r != 1) {
                throw new IllegalArgumentException(
                        "%s: shapes %s and %s do not fit; from the right, dimensions must be equal or 1"
                                .formatted(operation, a, b));
            }
            dims[i] = l == 1 ? r : l;
        }
        return Shape.of(dims);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        Tensor reduced = gradient;
        for (int axis = 0; axis < from.rank(); axis++) {
            if (from.dim(axis) != reduced.shape().dim(axis)) {
                reduced = sum(reduced, axis);
            }
        }
        return node.gradients(reduced);
    }
}
