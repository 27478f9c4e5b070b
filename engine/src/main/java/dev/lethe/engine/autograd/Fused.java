package dev.lethe.engine.autograd;

/// An operation with kernels of its own for both passes, and the same function in primitives.
///
/// The composite is the oracle of the kernels, the way to run on a backend that lacks them, and what is
/// differentiated when someone asks for a differentiable gradient.
public sealed interface Fused extends Op
        permits Attention,
                Geglu,
                LinearCrossEntropy,
                LinearKl,
                LinearUniformKl,
                MaskedMeanSquare,
                RmsNorm,
                Rope {
    /// The same function of the same inputs in [Primitive]s alone.
    Tensor composite(Tensor... inputs);
}
