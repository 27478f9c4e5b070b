package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;

/// Kernels of [dev.lethe.engine.autograd.Geglu]. BF16 is computed in F32 and each element rounded
/// once.
public interface GegluKernels {
    /// `y = gelu_tanh(gate) up`.
    void forward(Buffer gate, Buffer up, Buffer y);

    /// Overwrites dGate and dUp.
    void backward(Buffer gate, Buffer up, Buffer dy, Buffer dGate, Buffer dUp);
}
