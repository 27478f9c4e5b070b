package dev.lethe.engine.autograd;

/// `y = factor x` with a factor that only the device knows; a constant to differentiation.
/// Gradient: factor g.
///
/// @param factor one element of the type of sums over x, without history
public record ScaledBy(Tensor factor) implements Primitive {
    public static Tensor scaledBy(Tensor x, Tensor factor) {
        Tensor constant = factor.detach();
        if (constant.shape().size() != 1 || constant.dtype() != x.dtype().accumulator()) {
            throw new IllegalArgumentException(
                    "scaledBy: expected a factor of one %s, got %s"
                            .formatted(x.dtype().accumulator(), factor));
        }
        Tensor y = Tensor.result("scaledBy", x.dtype(), x.shape(), x, constant);
        y.backend().elementwise().scale(constant.buffer(), x.buffer(), y.buffer());
        return Node.record(new ScaledBy(constant), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(scaledBy(gradient, factor));
    }
}
