package dev.lethe.engine.autograd;

import dev.lethe.engine.memory.Shape;

/// The same elements in the same order under another shape; no copy. Gradient: g reshaped back.
public record Reshape() implements Primitive {
    private static final Reshape RESHAPE = new Reshape();

    public static Tensor reshape(Tensor x, Shape shape) {
        if (x.shape().equals(shape)) {
            return x;
        }
        if (x.shape().size() != shape.size()) {
            throw new IllegalArgumentException(
                    "reshape: %s has %d elements, shape %s has %d"
                            .formatted(x, x.shape().size(), shape, shape.size()));
        }
        return Node.record(RESHAPE, null, x.viewed(shape), x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(reshape(gradient, node.input(0).shape()));
    }
}
