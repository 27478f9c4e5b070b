package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Affine.affine;
import static dev.lethe.engine.autograd.Multiply.multiply;

import dev.lethe.engine.backend.ElementwiseKernels.Unary;

/// `y = tanh x`. Gradient: g (1 - y^2).
public record Tanh() implements Primitive {
    public static Tensor tanh(Tensor x) {
        Tensor y = Tensor.result("tanh", x.dtype(), x.shape(), x);
        y.backend().elementwise().unary(Unary.TANH, x.buffer(), y.buffer());
        return Node.record(new Tanh(), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(multiply(gradient, affine(multiply(node.output(), node.output()), -1, 1)));
    }
}
