package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Broadcast.broadcast;
import static dev.lethe.engine.autograd.Reshape.reshape;

import dev.lethe.engine.backend.ReduceKernels.Reduction;
import dev.lethe.engine.memory.Shape;

/// `y = sum of x along an axis`, which stays with dimension 1. Gradient: g repeated.
///
/// @param axis counted from 0
public record Sum(int axis) implements Primitive {
    public static Tensor sum(Tensor x, int axis) {
        int resolved = x.axis("sum", axis);
        Tensor y = Tensor.result("sum", x.dtype(), x.shape().with(resolved, 1), x);
        y.backend().reduce().sum(Reduction.along(x.shape(), resolved), x.buffer(), y.buffer());
        return Node.record(new Sum(resolved), null, y, x);
    }

    /// The sum of all elements, a scalar.
    public static Tensor sum(Tensor x) {
        Tensor flat = reshape(x, Shape.of(Math.toIntExact(x.shape().size())));
        return reshape(sum(flat, 0), Shape.scalar());
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(broadcast(gradient, node.input(0).shape()));
    }
}
