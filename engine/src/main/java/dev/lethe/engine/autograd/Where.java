package dev.lethe.engine.autograd;

/// `y = condition != 0 ? a : b`, elementwise; a and b are broadcast to the condition's shape.
/// Gradients: g where the condition holds, and where it does not; none for the condition.
///
/// @param condition of the element type of a and b, without history
public record Where(Tensor condition) implements Primitive {
    public static Tensor where(Tensor condition, Tensor a, Tensor b) {
        Tensor mask = condition.detach();
        Tensor left = Broadcast.broadcast(a, mask.shape());
        Tensor right = Broadcast.broadcast(b, mask.shape());
        if (left.dtype() != right.dtype() || mask.dtype() != left.dtype()) {
            throw new IllegalArgumentException(
                    "where: condition and both inputs must have one element type, got %s, %s, %s"
                            .formatted(condition, a, b));
        }
        Tensor y = Tensor.result("where", left.dtype(), mask.shape(), left, right, mask);
        y.backend()
                .elementwise()
                .where(mask.buffer(), left.buffer(), right.buffer(), y.buffer());
        return Node.record(new Where(mask), null, y, left, right);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        Tensor zeros = Tensor.zeros(gradient.dtype(), gradient.shape());
        return new Tensor[] {
            needed[0] ? where(condition, gradient, zeros) : null,
            needed[1] ? where(condition, zeros, gradient) : null
        };
    }
}
