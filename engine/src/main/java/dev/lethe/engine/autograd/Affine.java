package dev.lethe.engine.autograd;

/// `y = scale x + shift` with constants. Gradient: scale g.
///
/// @param scale factor
/// @param shift summand
public record Affine(double scale, double shift) implements Primitive {
    public static Tensor affine(Tensor x, double scale, double shift) {
        Tensor y = Tensor.result("affine", x.dtype(), x.shape(), x);
        y.backend().elementwise().affine(scale, shift, x.buffer(), y.buffer());
        return Node.record(new Affine(scale, shift), null, y, x);
    }

    public static Tensor scale(Tensor x, double factor) {
        return affine(x, factor, 0);
    }

    public static Tensor negate(Tensor x) {
        return affine(x, -1, 0);
    }

    /// Of a gradient of ones, which that of a loss begins as, a constant again: what scales by it
    /// later need not wait for the device.
    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(
                gradient.isKnownOnes()
                        ? Tensor.filled(gradient.dtype(), gradient.shape(), scale)
                        : scale(gradient, scale));
    }
}
