package dev.lethe.model.gemma2;

import dev.lethe.engine.autograd.Tensor;
import java.util.List;
import java.util.stream.Stream;

/// What a forward pass passed through, so that objectives on hidden states need no hooks.
///
/// @param embeddings scaled token embeddings `[B,T,H]`, the residual stream before layer 0
/// @param layers one a computed layer, in order
/// @param lastHidden after the final norm `[B,T,H]`; null when the pass stopped at an earlier layer
public record Activations(Tensor embeddings, List<Layer> layers, Tensor lastHidden) {
    /// @param attention output of o_proj, before its norm and the residual sum `[B,T,H]`
    /// @param mlp output of down_proj, before its norm and the residual sum `[B,T,H]`
    /// @param residual the residual stream after the layer `[B,T,H]`, before any final norm
    public record Layer(Tensor attention, Tensor mlp, Tensor residual) {}

    /// The residual stream after 0-based layer `k`; the reference code's `hidden_states[k + 1]`.
    public Tensor residual(int k) {
        return layers.get(k).residual();
    }

    /// The residual stream by depth: the embeddings, then after each computed layer.
    public List<Tensor> stream() {
        return Stream.concat(Stream.of(embeddings), layers.stream().map(Layer::residual)).toList();
    }
}
