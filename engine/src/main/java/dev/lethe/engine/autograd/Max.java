package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Broadcast.broadcast;
import static dev.lethe.engine.autograd.Divide.divide;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.backend.ElementwiseKernels.Binary;
import dev.lethe.engine.backend.ReduceKernels.Reduction;

/// `y = largest element of x along an axis`, which stays with dimension 1. Gradient: g shared equally
/// among the elements that reach the maximum, as torch's `amax`.
///
/// @param axis counted from 0
public record Max(int axis) implements Primitive {
    public static Tensor max(Tensor x, int axis) {
        int resolved = x.axis("max", axis);
        Tensor y = Tensor.result("max", x.dtype(), x.shape().with(resolved, 1), x);
        y.backend().reduce().max(Reduction.along(x.shape(), resolved), x.buffer(), y.buffer());
        return Node.record(new Max(resolved), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        Tensor x = node.input(0).detach();
        Tensor largest = broadcast(node.output().detach(), x.shape());
        // Which elements win is piecewise constant, so the indicator itself has no derivative.
        Tensor wins = Tensor.result("max", x.dtype(), x.shape(), x, largest);
        wins.backend()
                .elementwise()
                .binary(Binary.EQUAL, x.buffer(), largest.buffer(), wins.buffer());
        Tensor share = divide(wins, sum(wins, axis));
        return new Tensor[] {multiply(broadcast(gradient, x.shape()), share)};
    }
}
