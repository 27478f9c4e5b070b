package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.LogSoftmax.logSoftmax;
import static dev.lethe.engine.autograd.MatMul.linearWide;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.ScaledBy.scaledBy;

import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.backend.LinearLossKernels.Wanted;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;

/// Hidden states and the output embedding that turns them into logits `cap tanh(hidden weight^T /
/// cap)`: what the loss heads have in common. Losses of BF16 hidden states are F32, their gradients
/// BF16.
///
/// @param hidden `[..., H]`, after the final norm
/// @param weight `[V, H]`
/// @param softCap bound of the logits, 0 for none
public record LinearHead(Tensor hidden, Tensor weight, double softCap) {
    public LinearHead {
        if (weight.shape().rank() != 2
                || hidden.shape().rank() < 1
                || hidden.shape().dim(-1) != weight.shape().dim(1)
                || hidden.dtype() != weight.dtype()) {
            throw new IllegalArgumentException(
                    "linear head: expected hidden [..., H] and weight [V, H] of one element type, got %s and %s"
                            .formatted(hidden, weight));
        }
    }

    /// All logits `[..., V]` at once, F32 where hidden is BF16; for generation and evaluation, not
    /// for training.
    public Tensor logits() {
        return capped(uncapped());
    }

    /// All logits `[..., V]` before the soft-cap, for study.
    public Tensor uncapped() {
        return linearWide(hidden, weight);
    }

    /// The soft-cap of logits from [#uncapped].
    public Tensor capped(Tensor uncapped) {
        return SoftCap.softCap(uncapped, softCap);
    }

    int rows() {
        return hidden.shape().rows();
    }

    int vocabulary() {
        return weight.shape().dim(0);
    }

    /// Log-probabilities `[rows, V]` in primitives, computed in F32 where hidden is BF16.
    Tensor logProbabilities() {
        LinearHead wide = new LinearHead(widened(hidden), widened(weight), softCap);
        return logSoftmax(reshape(wide.logits(), Shape.of(rows(), vocabulary())));
    }

    void requireRows(String operation, Tensor perRow) {
        if (perRow.dtype() != DType.I32 || perRow.shape().size() != rows()) {
            throw new IllegalArgumentException(
                    "%s: expected one I32 value a row of hidden %s, got %s"
                            .formatted(operation, hidden, perRow));
        }
    }

    LinearLossKernels.Head kernelHead() {
        return new LinearLossKernels.Head(
                rows(),
                weight.shape().dim(1),
                vocabulary(),
                softCap,
                hidden.buffer(),
                weight.buffer());
    }

    /// A head's gradients are made during its forward pass, while a chunk of logits is at hand.
    record Saved(Tensor dHidden, Tensor dWeight) {}

    /// Allocates loss and wanted gradients, runs `kernel`, records.
    Tensor run(Op op, LossKernel kernel, Tensor... others) {
        Tensor[] inputs = new Tensor[2 + others.length];
        inputs[0] = hidden;
        inputs[1] = weight;
        System.arraycopy(others, 0, inputs, 2, others.length);
        DType type = hidden.dtype().accumulator();
        Tensor loss = Tensor.result(op.name(), type, Shape.scalar(), inputs);
        boolean on = Recording.isOn();
        Tensor dHidden = on && hidden.requiresGradient() ? like(op, hidden) : null;
        Tensor dWeight = on && weight.requiresGradient() ? like(op, weight) : null;
        kernel.run(
                loss,
                new Wanted(
                        dHidden == null ? null : dHidden.buffer(),
                        dWeight == null ? null : dWeight.buffer()));
        return Node.record(op, new Saved(dHidden, dWeight), loss, hidden, weight);
    }

    private static Tensor like(Op op, Tensor tensor) {
        return Tensor.result(op.name(), tensor.dtype(), tensor.shape());
    }

    @FunctionalInterface
    interface LossKernel {
        void run(Tensor loss, Wanted wanted);
    }

    /// The saved gradients, times that of the loss.
    static Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        Saved saved = (Saved) node.saved();
        return node.gradients(
                needed[0] ? times(saved.dHidden(), gradient) : null,
                needed[1] ? times(saved.dWeight(), gradient) : null);
    }

    private static Tensor times(Tensor x, Tensor gradient) {
        return gradient.isKnownOnes() ? x : scaledBy(x, gradient);
    }
}
