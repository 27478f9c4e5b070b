package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Tanh.tanh;

/// Gemma 2's bound on scores and logits (Gemma Team 2024, section 2): `cap tanh(x / cap)`.
final class SoftCap {
    private SoftCap() {}

    /// A cap of 0 is none.
    static Tensor softCap(Tensor x, double cap) {
        return cap == 0 ? x : scale(tanh(scale(x, 1 / cap)), cap);
    }
}
