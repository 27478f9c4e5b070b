package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Affine.negate;
import static dev.lethe.engine.autograd.Multiply.multiply;

import dev.lethe.engine.backend.ElementwiseKernels.Binary;

/// `y = a / b`, elementwise; shapes are broadcast. Gradients: g / b, -g y / b.
public record Divide() implements Primitive {
    public static Tensor divide(Tensor a, Tensor b) {
        Tensor[] ab = Broadcast.together("divide", a, b);
        Tensor y = Tensor.result("divide", a.dtype(), ab[0].shape(), ab);
        y.backend().elementwise().binary(Binary.DIVIDE, ab[0].buffer(), ab[1].buffer(), y.buffer());
        return Node.record(new Divide(), null, y, ab);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        Tensor b = node.input(1);
        return node.gradients(
                needed[0] ? divide(gradient, b) : null,
                needed[1] ? negate(divide(multiply(gradient, node.output()), b)) : null);
    }
}
