package dev.lethe.engine.autograd;

import dev.lethe.engine.backend.ElementwiseKernels.Binary;

/// `y = a + b`; shapes are broadcast. Gradients: g, g.
public record Add() implements Primitive {
    private static final Add ADD = new Add();

    public static Tensor add(Tensor a, Tensor b) {
        Tensor[] ab = Broadcast.together("add", a, b);
        Tensor y = Tensor.result("add", a.dtype(), ab[0].shape(), ab[0], ab[1]);
        y.backend().elementwise().binary(Binary.ADD, ab[0].buffer(), ab[1].buffer(), y.buffer());
        return Node.record(ADD, null, y, ab[0], ab[1]);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(needed[0] ? gradient : null, needed[1] ? gradient : null);
    }
}
