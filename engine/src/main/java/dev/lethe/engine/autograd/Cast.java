package dev.lethe.engine.autograd;

import dev.lethe.engine.memory.DType;

/// The same numbers in another floating-point type: exact to a longer one, rounded to nearest even
/// to a shorter one. Gradient: g cast back. Rounding counts as the identity to differentiation.
///
/// How fused operations run in BF16: their composites cast their inputs up with [#widened], compute
/// in F32, and cast their result back once. Losses are left in F32.
///
/// @param to type of the result
public record Cast(DType to) implements Primitive {
    /// x itself where it has this type already.
    public static Tensor cast(Tensor x, DType to) {
        return x.dtype() == to ? x : converted(x, to);
    }

    /// x in the type in which sums over it are kept, [DType#accumulator]: BF16 as F32, all else
    /// itself.
    public static Tensor widened(Tensor x) {
        return cast(x, x.dtype().accumulator());
    }

    /// A copy, whatever type x has.
    static Tensor converted(Tensor x, DType to) {
        if (!x.dtype().isFloating() || !to.isFloating()) {
            throw new IllegalArgumentException(
                    "cast: expected floating-point types, got %s to %s; make ids with ofInts"
                            .formatted(x, to));
        }
        Tensor y = Tensor.result("cast", to, x.shape(), x);
        y.backend().elementwise().copy(x.buffer(), y.buffer());
        return Node.record(new Cast(to), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(cast(gradient, node.input(0).dtype()));
    }
}
