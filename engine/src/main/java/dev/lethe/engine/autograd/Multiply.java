package dev.lethe.engine.autograd;

import dev.lethe.engine.backend.ElementwiseKernels.Binary;

/// `y = a b`, elementwise; shapes are broadcast. Gradients: g b, g a.
public record Multiply() implements Primitive {
    public static Tensor multiply(Tensor a, Tensor b) {
        Tensor[] ab = Broadcast.together("multiply", a, b);
        Tensor y = Tensor.result("multiply", a.dtype(), ab[0].shape(), ab);
        y.backend().elementwise().binary(Binary.MULTIPLY, ab[0].buffer(), ab[1].buffer(), y.buffer());
        return Node.record(new Multiply(), null, y, ab);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(
                needed[0] ? multiply(gradient, node.input(1)) : null,
                needed[1] ? multiply(gradient, node.input(0)) : null);
    }
}
