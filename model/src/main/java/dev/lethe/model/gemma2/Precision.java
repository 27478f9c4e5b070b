package dev.lethe.model.gemma2;

import dev.lethe.engine.memory.DType;

import java.util.Locale;

/// The element types of a model in training: those of the weights that forward and backward read,
/// and of the masters that the optimizer moves, checkpoints keep and noise is added to. Gradients
/// are added up and AdamW's moments kept in the type of the masters.
///
/// Whatever the choice, losses, norms' statistics, logits and the gradient's norm are summed in F32
/// or wider.
public enum Precision {
    F32(DType.F32, DType.F32),
    F64(DType.F64, DType.F64),
    /// Mixed precision (Micikevicius et al. 2018, section 3.1): BF16 weights that are the rounded
    /// F32 masters, so that small updates add up.
    BF16(DType.BF16, DType.F32),
    /// Everything in BF16 and no masters, as much of the paper's code trains (PAPER 1.8): an update
    /// below half a unit of its weight is lost, which makes a weak adversary.
    BF16_PURE(DType.BF16, DType.BF16);

    private final DType weights;
    private final DType masters;

    Precision(DType weights, DType masters) {
        this.weights = weights;
        this.masters = masters;
    }

    /// Of what the forward pass reads.
    public DType weights() {
        return weights;
    }

    /// Of what is trained and stored.
    public DType masters() {
        return masters;
    }

    /// As people write it: `f32`, `f64`, `bf16`, `bf16-pure`. Part of a stage's name.
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
