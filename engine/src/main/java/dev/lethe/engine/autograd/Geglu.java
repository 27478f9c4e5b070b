package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Affine.affine;
import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Cast.cast;
import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Tanh.tanh;

import dev.lethe.engine.backend.GegluKernels;
import java.util.Optional;

/// The gated linear unit of Gemma (Shazeer 2020, GEGLU, with the tanh approximation of GELU):
/// `y = gelu(gate) up`, `gelu(x) = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`.
///
/// With `t` the tanh and `u = sqrt(2/pi) (1 + 3 0.044715 x^2)`:
/// `gelu'(x) = (1 + t)/2 + x/2 (1 - t^2) u`; gradients are `g up gelu'(gate)` and `g gelu(gate)`.
public record Geglu() implements Fused {
    private static final Geglu GEGLU = new Geglu();
    private static final double ROOT = StrictMath.sqrt(2 / StrictMath.PI);
    private static final double CUBIC = 0.044715;

    public static Tensor geglu(Tensor gate, Tensor up) {
        if (!gate.shape().equals(up.shape()) || gate.dtype() != up.dtype()) {
            throw new IllegalArgumentException(
                    "geglu: gate and up must have one shape and element type, got %s and %s"
                            .formatted(gate, up));
        }
        Optional<GegluKernels> kernels = gate.backend().geglu(gate.dtype());
        if (kernels.isEmpty()) {
            return GEGLU.composite(gate, up);
        }
        Tensor y = Tensor.result("geglu", gate.dtype(), gate.shape(), gate, up);
        kernels.get().forward(gate.buffer(), up.buffer(), y.buffer());
        return Node.record(GEGLU, null, y, gate, up);
    }

    /// One kernel makes both gradients; one that nobody asked for is dropped.
    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        Tensor gate = node.input(0);
        Tensor up = node.input(1);
        Tensor dGate = Tensor.result("geglu", gate.dtype(), gate.shape());
        Tensor dUp = Tensor.result("geglu", gate.dtype(), gate.shape());
        gate.backend()
                .geglu(gate.dtype())
                .orElseThrow()
                .backward(
                        gate.buffer(),
                        up.buffer(),
                        gradient.buffer(),
                        dGate.buffer(),
                        dUp.buffer());
        return node.gradients(needed[0] ? dGate : null, needed[1] ? dUp : null);
    }

    @Override
    public Tensor composite(Tensor... inputs) {
        Tensor x = widened(inputs[0]);
        Tensor square = multiply(x, x);
        Tensor inner = scale(multiply(x, affine(square, CUBIC, 1)), ROOT);
        Tensor gelu = multiply(scale(x, 0.5), affine(tanh(inner), 1, 1));
        return cast(multiply(gelu, widened(inputs[1])), inputs[0].dtype());
    }
}
