package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.all;

import jdk.incubator.vector.FloatVector;

/// The tanh form of GELU (Hendrycks and Gimpel 2016), by the sigmoid.
///
/// Since `(1 + tanh u) / 2 = 1 / (1 + e^(-2u))`, `gelu(g) = g s` with `s = 1 / (1 + e^-z)` and
/// `z = 2 sqrt(2/pi) (g + 0.044715 g^3)`.
final class Gelu {
    private static final double SLOPE = 2 * Math.sqrt(2 / Math.PI);
    private static final FloatVector LINEAR = all((float) SLOPE);
    private static final FloatVector THRICE_CUBIC = all((float) (3 * SLOPE * 0.044715));
    private static final FloatVector MINUS_LINEAR = LINEAR.neg();
    private static final FloatVector MINUS_CUBIC = all((float) (-SLOPE * 0.044715));
    private static final FloatVector ONE = all(1);

    private Gelu() {}

    /// s.
    static FloatVector sigmoid(FloatVector g) {
        FloatVector minusZ = g.mul(g).fma(MINUS_CUBIC, MINUS_LINEAR).mul(g);
        return ONE.div(VectorMath.exp(minusZ).add(ONE));
    }

    /// `gelu'(g) = s + g s (1 - s) z'`.
    static FloatVector derivative(FloatVector g, FloatVector s) {
        FloatVector slope = g.mul(g).fma(THRICE_CUBIC, LINEAR);
        return g.mul(s).mul(ONE.sub(s)).fma(slope, s);
    }
}
