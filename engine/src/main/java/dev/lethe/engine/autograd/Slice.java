package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Pad.pad;

/// `length` neighbours along an axis, from `start`. Gradient: g in a frame of zeros.
///
/// @param axis counted from 0
/// @param start first index taken
public record Slice(int axis, int start) implements Primitive {
    public static Tensor slice(Tensor x, int axis, int start, int length) {
        int resolved = x.axis("slice", axis);
        int dim = x.shape().dim(resolved);
        if (start < 0 || length < 0 || start + length > dim) {
            throw new IllegalArgumentException(
                    "slice: [%d, %d) lies outside axis %d of %s"
                            .formatted(start, start + length, axis, x));
        }
        Tensor y = Tensor.result("slice", x.dtype(), x.shape().with(resolved, length), x);
        y.backend().movement().slice(x.shape(), resolved, start, length, x.buffer(), y.buffer());
        return Node.record(new Slice(resolved, start), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(pad(gradient, axis, start, node.input(0).shape().dim(axis)));
    }
}
