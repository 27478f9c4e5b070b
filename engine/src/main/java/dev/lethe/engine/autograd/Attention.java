package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Broadcast.broadcast;
import static dev.lethe.engine.autograd.Cast.cast;
import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.MatMul.matMul;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.Softmax.softmax;
import static dev.lethe.engine.autograd.Transpose.transpose;
import static dev.lethe.engine.autograd.Where.where;

import dev.lethe.engine.backend.AttentionKernels.Saved;
import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.backend.AttentionKernels.Heads;
import dev.lethe.engine.memory.Shape;
import java.util.Optional;

/// Causal grouped-query attention (Vaswani et al. 2017, equation 1; Ainslie et al. 2023) with Gemma 2's
/// soft-cap and sliding window: `s = cap tanh(scale q.k / cap)`, softmax over the visible keys, times v.
///
/// q `[B,Tq,H,D]`, k and v `[B,Tk,Hkv,D]`, result `[B,Tq,H,D]`. Query head h uses key head
/// `h / (H/Hkv)`. Query i stands at position `Tk - Tq + i` and sees the last `window` keys up to its own.
/// With p the probabilities, g the gradient and `d = g v^T`: `dv = p^T g`,
/// `ds = p (d - sum p d) (1 - (s/cap)^2)`, `dq = scale ds k`, `dk = scale ds^T q`.
///
/// Padding on the right needs no mask: a real query never sees a later, padded key.
///
/// @param scale factor of the scores, `query_pre_attn_scalar^-0.5`
/// @param softCap bound of the scores, 0 for none
/// @param window keys that a query sees, itself included; `Integer.MAX_VALUE` for all
public record Attention(double scale, double softCap, int window) implements Fused {
    /// Far below every score, and finite, so that no infinity meets a zero.
    private static final double HIDDEN = -1e30;

    public Attention {
        if (window < 1) {
            throw new IllegalArgumentException(
                    "attention: the window must hold at least 1 key, got " + window);
        }
    }

    public Tensor attend(Tensor q, Tensor k, Tensor v) {
        requireShapes(q, k, v);
        Optional<AttentionKernels> kernels = q.backend().attention(q.dtype());
        if (kernels.isEmpty()) {
            return composite(q, k, v);
        }
        Tensor y = Tensor.result("attention", q.dtype(), q.shape(), q, k, v);
        Heads heads = heads(q, k);
        Shape perQuery = Shape.of(heads.batch(), heads.heads(), heads.queries());
        Tensor logSumExp = Tensor.result("attention", q.dtype().accumulator(), perQuery);
        kernels.get()
                .forward(
                        heads,
                        q.buffer(),
                        k.buffer(),
                        v.buffer(),
                        y.buffer(),
                        logSumExp.buffer());
        return Node.record(this, saved(y, q, k, v, logSumExp), y, q, k, v);
    }

    private static Saved saved(Tensor y, Tensor q, Tensor k, Tensor v, Tensor logSumExp) {
        return y.savedEarlier() instanceof Saved saved
                        && saved.q() == q.buffer()
                        && saved.k() == k.buffer()
                        && saved.v() == v.buffer()
                        && saved.output() == y.buffer()
                        && saved.logSumExp() == logSumExp.buffer()
                ? saved
                : new Saved(
                        q.buffer(), k.buffer(), v.buffer(), y.buffer(), logSumExp.buffer());
    }

    private Heads heads(Tensor q, Tensor k) {
        return Heads.of(q.shape(), k.shape(), scale, softCap, window);
    }

    private static void requireShapes(Tensor q, Tensor k, Tensor v) {
        Shape qs = q.shape();
        Shape ks = k.shape();
        boolean fits =
                qs.rank() == 4
                        && ks.rank() == 4
                        && ks.equals(v.shape())
                        && qs.dim(0) == ks.dim(0)
                        && qs.dim(3) == ks.dim(3)
                        && qs.dim(1) <= ks.dim(1)
                        && ks.dim(2) > 0
                        && qs.dim(2) % ks.dim(2) == 0
                        && q.dtype() == k.dtype()
                        && q.dtype() == v.dtype();
        if (!fits) {
            throw new IllegalArgumentException(
                    "attention: expected q [B,Tq,H,D] and k, v [B,Tk,Hkv,D] of one element type with H a multiple of Hkv and Tq at most Tk, got %s, %s, %s"
                            .formatted(q, k, v));
        }
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        Tensor q = node.input(0);
        Tensor k = node.input(1);
        Tensor v = node.input(2);
        Tensor dq = Tensor.result("attention", q.dtype(), q.shape());
        Tensor dk = Tensor.result("attention", q.dtype(), k.shape());
        Tensor dv = Tensor.result("attention", q.dtype(), v.shape());
        q.backend()
                .attention(q.dtype())
                .orElseThrow()
                .backward(
                        heads(q, k),
                        (Saved) node.saved(),
                        gradient.buffer(),
                        dq.buffer(),
                        dk.buffer(),
                        dv.buffer());
        return node.gradients(
                needed[0] ? dq : null, needed[1] ? dk : null, needed[2] ? dv : null);
    }

    @Override
    public Tensor composite(Tensor... inputs) {
        Heads h = heads(inputs[0], inputs[1]);
        int group = h.heads() / h.kvHeads();
        Tensor p = probabilities(inputs[0], inputs[1]); // [B,H,Tq,Tk]
        Tensor grouped =
                reshape(p, Shape.of(h.batch(), h.kvHeads(), group * h.queries(), h.keys()));
        Tensor v = widened(inputs[2]);
        Tensor y = matMul(grouped, transpose(v, 0, 2, 1, 3)); // [B,Hkv,G Tq,D]
        Tensor split =
                reshape(y, Shape.of(h.batch(), h.heads(), h.queries(), h.headDim()));
        return cast(transpose(split, 0, 2, 1, 3), inputs[0].dtype()); // [B,Tq,H,D]
    }

    /// The attention probabilities `[B,H,Tq,Tk]`, in primitives, for study; F32 where q is BF16.
    public Tensor probabilities(Tensor query, Tensor key) {
        Tensor q = widened(query);
        Tensor k = widened(key);
        Heads h = heads(q, k);
        int group = h.heads() / h.kvHeads();
        Tensor queries =
                reshape(
                        transpose(q, 0, 2, 1, 3),
                        Shape.of(h.batch(), h.kvHeads(), group * h.queries(), h.headDim()));
        Tensor keys = transpose(k, 0, 2, 1, 3); // [B,Hkv,Tk,D]
        Tensor raw = Affine.scale(matMul(queries, keys, false, true), scale);
        Tensor scores =
                reshape(
                        SoftCap.softCap(raw, softCap),
                        Shape.of(h.batch(), h.heads(), h.queries(), h.keys()));
        Tensor visible = broadcast(visible(q, h), scores.shape());
        Tensor hidden = Tensor.filled(q.dtype(), Shape.of(1), HIDDEN);
        return softmax(where(visible, scores, hidden));
    }

    private static Tensor visible(Tensor q, Heads h) {
        double[] mask = new double[h.queries() * h.keys()];
        for (int i = 0; i < h.queries(); i++) {
            int position = h.keys() - h.queries() + i;
            for (int j = 0; j <= position; j++) {
                mask[i * h.keys() + j] = position - j < h.window() ? 1 : 0;
            }
        }
        return Tensor.of(q.dtype(), Shape.of(h.queries(), h.keys()), mask);
    }
}
