package dev.lethe.model.objective;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.model.gemma2.Activations;

/// What a model put out for some rows, and a loss term `L` as a function of it. Dimensions: B rows,
/// T tokens, W width.
///
/// Every formula here is a closed form; that they are what the fused losses compute is tested.
public sealed interface ModelOutput permits LogitOutput, HiddenOutput {
    /// The forward pass that it comes from.
    Activations activations();

    /// The output `[B,T,W]`, on the graph.
    Tensor values();

    /// `L` in primitives, a scalar on the graph; equal to the fused term.
    Tensor loss();

    /// `dL/d values`, `[B,T,W]`, without history.
    Tensor gradient();

    /// The Hessian of `L` by the output times u; u and result `[B,T,W]`, without history. Positive
    /// semi-definite, whatever the output.
    Tensor curvature(Tensor u);

    /// 1 where the position counts, else 0; `B T`.
    int[] counted();
}
