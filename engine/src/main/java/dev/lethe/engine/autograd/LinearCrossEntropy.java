package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Gather.gather;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.Sum.sum;
import static dev.lethe.engine.autograd.Where.where;

import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.memory.Shape;
import java.util.Optional;

/// Cross-entropy of next tokens straight from hidden states, without holding all logits (Wijmans et al.
/// 2024, "Cut Your Losses"): `-(1/N) sum over counted rows of log p(target)`.
///
/// Gradient of a counted row's logits before the cap: `(p - onehot)(1 - (z/cap)^2) / N`.
///
/// @param targets I32, one a row; negative: the row does not count
/// @param softCap bound of the logits, 0 for none
/// @param factor 1/N, N being the counted rows of the whole batch, of which this may be a part
public record LinearCrossEntropy(Tensor targets, double softCap, Factor factor)
        implements Fused {
    /// @param denominator N
    public static Tensor linearCrossEntropy(LinearHead head, Tensor targets, double denominator) {
        return linearCrossEntropy(head, targets, Factor.of(1 / denominator));
    }

    public static Tensor linearCrossEntropy(LinearHead head, Tensor targets, Factor factor) {
        head.requireRows("linearCrossEntropy", targets);
        LinearCrossEntropy op = new LinearCrossEntropy(targets, head.softCap(), factor);
        Optional<LinearLossKernels> kernels =
                head.hidden().backend().linearLoss(head.hidden().dtype());
        if (kernels.isEmpty()) {
            return op.composite(head.hidden(), head.weight());
        }
        return head.run(
                op,
                (loss, wanted) ->
                        kernels.get()
                                .crossEntropy(
                                        head.kernelHead(),
                                        targets.buffer(),
                                        factor,
                                        loss.buffer(),
                                        wanted),
                targets);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return LinearHead.backward(node, gradient, needed);
    }

    @Override
    public Tensor composite(Tensor... inputs) {
        Tensor logP = new LinearHead(inputs[0], inputs[1], softCap).logProbabilities();
        int rows = logP.shape().dim(0);
        int vocabulary = logP.shape().dim(1);
        int[] flat = targets.toInts();
        for (int i = 0; i < rows; i++) {
            if (flat[i] >= vocabulary) {
                throw new IllegalArgumentException(
                        "linearCrossEntropy: target %d of row %d is outside the vocabulary of %d"
                                .formatted(flat[i], i, vocabulary));
            }
            flat[i] = Math.addExact(Math.multiplyExact(i, vocabulary), Math.max(flat[i], 0));
        }
        Tensor column = reshape(logP, Shape.of(rows * vocabulary, 1));
        Tensor picked = gather(column, Tensor.ofInts(Shape.of(rows), flat)); // [rows, 1]
        Tensor counted = RowMask.column(logP.dtype(), targets, target -> target >= 0);
        Tensor zero = Tensor.zeros(logP.dtype(), Shape.of(1));
        return scale(sum(where(counted, picked, zero)), -factor.value());
    }
}
