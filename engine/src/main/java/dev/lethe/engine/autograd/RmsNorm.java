package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Affine.affine;
import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Cast.cast;
import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Power.power;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.backend.RmsNormKernels.Saved;
import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.backend.RmsNormKernels.Rows;
import dev.lethe.engine.memory.Known;
import dev.lethe.engine.memory.Shape;
import java.util.Optional;

/// Root-mean-square normalisation with Gemma's gain (Zhang and Sennrich 2019, equation 4; Gemma adds 1
/// to the weight): `y = x r (1 + w)`, `r = 1 / sqrt(mean(x^2) + epsilon)` over the last axis.
///
/// x `[..., W]`, weight `[W]`. With `h = g (1 + w)`: gradient of x is `r h - x r^3 mean(h x)`, that of w
/// is the sum over rows of `g x r`. BF16: statistics and sums in F32, each result rounded once.
///
/// @param epsilon inside the square root
public record RmsNorm(double epsilon) implements Fused {
    private static final Known<RmsNorm> KNOWN = new Known<>(1 << 3);

    private static RmsNorm of(double epsilon) {
        int hash = Double.hashCode(epsilon);
        RmsNorm known = KNOWN.get(hash);
        return known != null && known.epsilon == epsilon
                ? known
                : KNOWN.keep(hash, new RmsNorm(epsilon));
    }

    public static Tensor rmsNorm(Tensor x, Tensor weight, double epsilon) {
        if (weight.shape().rank() != 1
                || x.shape().rank() < 1
                || weight.shape().dim(0) != x.shape().dim(-1)
                || weight.dtype() != x.dtype()) {
            throw new IllegalArgumentException(
                    "rmsNorm: weight %s must equal the last dimension of x %s"
                            .formatted(weight, x));
        }
        Tensor y = of(epsilon).apply(x, weight);
        if (WeightTap.isOpen()) {
            WeightTap.hear(new WeightUse.Gain(weight, x, epsilon, y));
        }
        return y;
    }

    private Tensor apply(Tensor x, Tensor weight) {
        Optional<RmsNormKernels> kernels = x.backend().rmsNorm(x.dtype());
        if (kernels.isEmpty()) {
            return composite(x, weight);
        }
        Tensor y = Tensor.result("rmsNorm", x.dtype(), x.shape(), x, weight);
        Tensor r =
                Tensor.result(
                        "rmsNorm", x.dtype().accumulator(), Shape.of(x.shape().rows()));
        kernels.get()
                .forward(rows(x), x.buffer(), weight.buffer(), y.buffer(), r.buffer());
        return Node.record(this, saved(y, x, weight, r), y, x, weight);
    }

    private Rows rows(Tensor x) {
        return Rows.of(x.shape().rows(), x.shape().dim(-1), epsilon);
    }

    private static Saved saved(Tensor y, Tensor x, Tensor weight, Tensor r) {
        return y.savedEarlier() instanceof Saved saved
                        && saved.x() == x.buffer()
                        && saved.weight() == weight.buffer()
                        && saved.inverseRms() == r.buffer()
                ? saved
                : new Saved(x.buffer(), weight.buffer(), r.buffer());
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        Tensor x = node.input(0);
        Tensor weight = node.input(1);
        Tensor dx = needed[0] ? Tensor.result("rmsNorm", x.dtype(), x.shape()) : null;
        Tensor dw = needed[1] ? Tensor.result("rmsNorm", x.dtype(), weight.shape()) : null;
        x.backend()
                .rmsNorm(x.dtype())
                .orElseThrow()
                .backward(
                        rows(x),
                        (Saved) node.saved(),
                        gradient.buffer(),
                        dx == null ? null : dx.buffer(),
                        dw == null ? null : dw.buffer());
        return node.gradients(dx, dw);
    }

    @Override
    public Tensor composite(Tensor... inputs) {
        Tensor x = widened(inputs[0]);
        Tensor weight = widened(inputs[1]);
        Tensor meanSquare = scale(sum(multiply(x, x), -1), 1.0 / x.shape().dim(-1));
        Tensor r = power(affine(meanSquare, 1, epsilon), -0.5);
        return cast(multiply(multiply(x, r), affine(weight, 1, 1)), inputs[0].dtype());
    }
}
