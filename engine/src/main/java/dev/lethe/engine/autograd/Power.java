package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Multiply.multiply;

/// `y = x^p` with a constant exponent; `power(x, -0.5)` is the reciprocal square root.
/// Gradient: g p x^(p-1).
///
/// @param exponent p
public record Power(double exponent) implements Primitive {
    public static Tensor power(Tensor x, double exponent) {
        Tensor y = Tensor.result("power", x.dtype(), x.shape(), x);
        y.backend().elementwise().power(exponent, x.buffer(), y.buffer());
        return Node.record(new Power(exponent), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        if (exponent == 0) { // a constant; 0 x^-1 would be NaN at 0
            return node.gradients(Tensor.zeros(gradient.dtype(), gradient.shape()));
        }
        Tensor slope = scale(power(node.input(0), exponent - 1), exponent);
        return new Tensor[] {multiply(gradient, slope)};
    }
}
