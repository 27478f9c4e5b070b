package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Multiply.multiply;

import dev.lethe.engine.backend.ElementwiseKernels.Unary;

/// `y = e^x`. Gradient: g y.
public record Exp() implements Primitive {
    public static Tensor exp(Tensor x) {
        Tensor y = Tensor.result("exp", x.dtype(), x.shape(), x);
        y.backend().elementwise().unary(Unary.EXP, x.buffer(), y.buffer());
        return Node.record(new Exp(), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(multiply(gradient, node.output()));
    }
}
