package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Affine.affine;
import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Sum.sum;
import static dev.lethe.engine.autograd.Where.where;

import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.memory.Shape;
import java.util.Optional;

/// MaxEnt's forget loss straight from hidden states (PAPER 1.3):
/// `(1/N) sum over counted rows of KL(uniform || p) = -log V - (1/V) sum_v log p_v`.
///
/// Gradient of a counted row's logits before the cap: `(p - 1/V)(1 - (z/cap)^2) / N`.
///
/// @param mask I32, one a row; 0: the row does not count
/// @param softCap bound of the logits, 0 for none
/// @param factor 1/N, N being the counted rows of the whole batch
public record LinearUniformKl(Tensor mask, double softCap, Factor factor) implements Fused {
    /// @param denominator N
    public static Tensor linearUniformKl(LinearHead head, Tensor mask, double denominator) {
        return linearUniformKl(head, mask, Factor.of(1 / denominator));
    }

    public static Tensor linearUniformKl(LinearHead head, Tensor mask, Factor factor) {
        head.requireRows("linearUniformKl", mask);
        LinearUniformKl op = new LinearUniformKl(mask, head.softCap(), factor);
        Optional<LinearLossKernels> kernels =
                head.hidden().backend().linearLoss(head.hidden().dtype());
        if (kernels.isEmpty()) {
            return op.composite(head.hidden(), head.weight());
        }
        return head.run(
                op,
                (loss, wanted) ->
                        kernels.get()
                                .uniformKl(
                                        head.kernelHead(),
                                        mask.buffer(),
                                        factor,
                                        loss.buffer(),
                                        wanted),
                mask);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return LinearHead.backward(node, gradient, needed);
    }

    @Override
    public Tensor composite(Tensor... inputs) {
        Tensor logP = new LinearHead(inputs[0], inputs[1], softCap).logProbabilities();
        int vocabulary = logP.shape().dim(1);
        Tensor perRow =
                affine(sum(logP, -1), -1.0 / vocabulary, -StrictMath.log(vocabulary)); // [rows, 1]
        Tensor counted = RowMask.column(perRow.dtype(), mask, mark -> mark != 0);
        Tensor zero = Tensor.zeros(perRow.dtype(), Shape.of(1));
        return scale(sum(where(counted, perRow, zero)), factor.value());
    }
}
