package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Affine.negate;

import dev.lethe.engine.backend.ElementwiseKernels.Binary;

/// `y = a - b`; shapes are broadcast. Gradients: g, -g.
public record Subtract() implements Primitive {
    public static Tensor subtract(Tensor a, Tensor b) {
        Tensor[] ab = Broadcast.together("subtract", a, b);
        Tensor y = Tensor.result("subtract", a.dtype(), ab[0].shape(), ab);
        y.backend().elementwise().binary(Binary.SUBTRACT, ab[0].buffer(), ab[1].buffer(), y.buffer());
        return Node.record(new Subtract(), null, y, ab);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(needed[0] ? gradient : null, needed[1] ? negate(gradient) : null);
    }
}
