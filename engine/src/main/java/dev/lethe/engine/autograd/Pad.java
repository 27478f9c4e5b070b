package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Slice.slice;

/// x at `start` along an axis of a zero array that has `total` there: the adjoint of [Slice].
/// Gradient: the slice of g.
///
/// @param axis counted from 0
/// @param start first index written
public record Pad(int axis, int start) implements Primitive {
    public static Tensor pad(Tensor x, int axis, int start, int total) {
        int resolved = x.axis("pad", axis);
        int dim = x.shape().dim(resolved);
        if (start < 0 || start + dim > total) {
            throw new IllegalArgumentException(
                    "pad: [%d, %d) of %s lies outside a new axis %d of %d"
                            .formatted(start, start + dim, x, axis, total));
        }
        Tensor y = Tensor.result("pad", x.dtype(), x.shape().with(resolved, total), x);
        y.backend().movement().pad(x.shape(), resolved, start, total, x.buffer(), y.buffer());
        return Node.record(new Pad(resolved, start), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(slice(gradient, axis, start, node.input(0).shape().dim(axis)));
    }
}
