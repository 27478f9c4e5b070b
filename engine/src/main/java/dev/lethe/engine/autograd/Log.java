package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Divide.divide;

import dev.lethe.engine.backend.ElementwiseKernels.Unary;

/// `y = ln x`. Gradient: g / x.
public record Log() implements Primitive {
    public static Tensor log(Tensor x) {
        Tensor y = Tensor.result("log", x.dtype(), x.shape(), x);
        y.backend().elementwise().unary(Unary.LOG, x.buffer(), y.buffer());
        return Node.record(new Log(), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(divide(gradient, node.input(0)));
    }
}
