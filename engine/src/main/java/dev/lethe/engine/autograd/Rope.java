package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Cast.cast;
import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Pad.pad;
import static dev.lethe.engine.autograd.Slice.slice;
import static dev.lethe.engine.autograd.Subtract.subtract;

import dev.lethe.engine.backend.RopeKernels;
import dev.lethe.engine.backend.RopeKernels.Rotation;
import dev.lethe.engine.memory.Known;
import dev.lethe.engine.memory.Shape;
import java.util.Optional;

/// Rotary position embedding (Su et al. 2021, section 3.4.2) in the rotate-half layout of Gemma: with
/// `angle = position theta^(-2j/D)` and halves `a = x[j]`, `b = x[j + D/2]`, the output has
/// `a cos - b sin` and `b cos + a sin`.
///
/// x `[B,T,H,D]`, D even. A rotation is orthogonal: the gradient is g turned the other way.
///
/// @param theta base of the wavelengths
/// @param firstPosition position of row 0, the length of a cache before it
/// @param inverse turns by the negative angle
public record Rope(double theta, int firstPosition, boolean inverse) implements Fused {
    private static final Known<Rope> KNOWN = new Known<>(1 << 3);

    private static Rope of(double theta, int firstPosition, boolean inverse) {
        int hash = 2 * (31 * Double.hashCode(theta) + firstPosition) + (inverse ? 1 : 0);
        Rope known = KNOWN.get(hash);
        boolean same =
                known != null
                        && known.theta == theta
                        && known.firstPosition == firstPosition
                        && known.inverse == inverse;
        return same ? known : KNOWN.keep(hash, new Rope(theta, firstPosition, inverse));
    }

    public static Tensor rope(Tensor x, double theta, int firstPosition) {
        return rotate(of(theta, firstPosition, false), x);
    }

    private static Tensor rotate(Rope op, Tensor x) {
        if (x.shape().rank() != 4 || x.shape().dim(3) % 2 != 0) {
            throw new IllegalArgumentException(
                    "rope: expected [batch, tokens, heads, even head dimension], got " + x);
        }
        Optional<RopeKernels> kernels = x.backend().rope(x.dtype());
        if (kernels.isEmpty()) {
            return op.composite(x);
        }
        Tensor y = Tensor.result("rope", x.dtype(), x.shape(), x);
        Rotation rotation = Rotation.of(x.shape(), op.theta, op.firstPosition);
        kernels.get().rotate(rotation, op.inverse, x.buffer(), y.buffer());
        return Node.record(op, null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(rotate(of(theta, firstPosition, !inverse), gradient));
    }

    @Override
    public Tensor composite(Tensor... inputs) {
        Tensor x = widened(inputs[0]);
        int tokens = x.shape().dim(1);
        int width = x.shape().dim(3);
        int half = width / 2;
        double[] cos = new double[tokens * half];
        double[] sin = new double[tokens * half];
        for (int t = 0; t < tokens; t++) {
            for (int j = 0; j < half; j++) {
                double angle = RopeKernels.angle(firstPosition + t, j, width, theta);
                cos[t * half + j] = StrictMath.cos(angle);
                sin[t * half + j] = inverse ? -StrictMath.sin(angle) : StrictMath.sin(angle);
            }
        }
        Shape perToken = Shape.of(1, tokens, 1, half);
        Tensor c = Tensor.of(x.dtype(), perToken, cos);
        Tensor s = Tensor.of(x.dtype(), perToken, sin);
        Tensor a = slice(x, 3, 0, half);
        Tensor b = slice(x, 3, half, half);
        Tensor first = subtract(multiply(a, c), multiply(b, s));
        Tensor second = add(multiply(b, c), multiply(a, s));
        Tensor y = add(pad(first, 3, 0, width), pad(second, 3, half, width));
        return cast(y, inputs[0].dtype());
    }
}
