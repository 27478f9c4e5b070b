package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;

/// Kernels of [dev.lethe.engine.autograd.Attention]. Layouts: q, output `[B,Tq,H,D]`; k, v
/// `[B,Tk,Hkv,D]`; `logSumExp [B,H,Tq]` of the capped, masked scores.
///
/// BF16 q, k, v, output and gradients: `logSumExp` is F32, as are scores, softmax and all sums.
/// Only what goes into a second product (probabilities, gradients of scores) may be rounded to BF16
/// before.
public interface AttentionKernels {
    void forward(Heads heads, Buffer q, Buffer k, Buffer v, Buffer output, Buffer logSumExp);

    /// Overwrites dq, dk and dv. Probabilities are recomputed from `logSumExp`.
    void backward(Heads heads, Saved saved, Buffer dOutput, Buffer dq, Buffer dk, Buffer dv);

    /// Query i stands at position `keys - queries + i` and sees the keys at positions up to its own,
    /// the last `window` of them (itself included; `window` at least `keys` is no window).
    /// `softCap` 0 is none.
    record Heads(
            int batch,
            int queries,
            int keys,
            int heads,
            int kvHeads,
            int headDim,
            double scale,
            double softCap,
            int window) {}

    record Saved(Buffer q, Buffer k, Buffer v, Buffer output, Buffer logSumExp) {}
}
