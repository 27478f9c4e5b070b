package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.Known;
import dev.lethe.engine.memory.Shape;

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
            int window) {
        private static final Known<Heads> KNOWN = new Known<>(1 << 6);

        /// The attention of tensors of those shapes, made once.
        ///
        /// @param q `[B,Tq,H,D]`
        /// @param k `[B,Tk,Hkv,D]`
        public static Heads of(Shape q, Shape k, double scale, double softCap, int window) {
            int hash = 31 * (31 * q.hashCode() + k.hashCode()) + Double.hashCode(scale);
            hash = 31 * (31 * hash + Double.hashCode(softCap)) + window;
            Heads known = KNOWN.get(hash);
            boolean same =
                    known != null
                            && known.shaped(q, k)
                            && known.scale == scale
                            && known.softCap == softCap
                            && known.window == window;
            return same
                    ? known
                    : KNOWN.keep(
                            hash,
                            new Heads(
                                    q.dim(0), q.dim(1), k.dim(1), q.dim(2), k.dim(2), q.dim(3),
                                    scale, softCap, window));
        }

        private boolean shaped(Shape q, Shape k) {
            return batch == q.dim(0)
                    && queries == q.dim(1)
                    && keys == k.dim(1)
                    && heads == q.dim(2)
                    && kvHeads == k.dim(2)
                    && headDim == q.dim(3);
        }
    }

    record Saved(Buffer q, Buffer k, Buffer v, Buffer output, Buffer logSumExp) {}
}
