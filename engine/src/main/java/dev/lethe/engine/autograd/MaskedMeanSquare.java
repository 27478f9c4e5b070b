package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Broadcast.broadcast;
import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.Subtract.subtract;
import static dev.lethe.engine.autograd.Sum.sum;
import static dev.lethe.engine.autograd.Where.where;

import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.MeanSquareKernels;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.Optional;

/// RMU's distance of hidden states to a constant (Li et al. 2024, WMDP, section 4; PAPER 1.3):
/// `(1/N) sum over counted rows of |x - target|^2`.
///
/// x `[..., W]`, target `[W]` for all rows or of x's shape. Gradient: `2 (x - target) / N` in counted rows.
/// The loss of BF16 values is F32.
///
/// @param target a constant
/// @param mask I32, one a row; 0: the row does not count
/// @param factor 1/N, N being the counted elements (rows times W) of the whole batch
public record MaskedMeanSquare(Tensor target, Tensor mask, Factor factor) implements Fused {
    /// @param denominator N
    public static Tensor maskedMeanSquare(
            Tensor x, Tensor target, Tensor mask, double denominator) {
        return maskedMeanSquare(x, target, mask, Factor.of(1 / denominator));
    }

    public static Tensor maskedMeanSquare(
            Tensor x, Tensor target, Tensor mask, Factor factor) {
        int width = x.shape().dim(-1);
        boolean fits =
                target.dtype() == x.dtype()
                        && (target.shape().equals(x.shape())
                                || target.shape().equals(Shape.of(width)))
                        && mask.dtype() == DType.I32
                        && mask.shape().size() == x.shape().rows();
        if (!fits) {
            throw new IllegalArgumentException(
                    "maskedMeanSquare: x %s needs a target of its shape or [%d] and an I32 mask of %d rows, got %s and %s"
                            .formatted(x, width, x.shape().rows(), target, mask));
        }
        MaskedMeanSquare op = new MaskedMeanSquare(target.detach(), mask, factor);
        Optional<MeanSquareKernels> kernels = x.backend().meanSquare(x.dtype());
        if (kernels.isEmpty()) {
            return op.composite(x);
        }
        Tensor loss =
                Tensor.result(
                        "maskedMeanSquare",
                        x.dtype().accumulator(),
                        Shape.scalar(),
                        x,
                        op.target,
                        mask);
        kernels.get()
                .forward(
                        width,
                        x.buffer(),
                        op.target.buffer(),
                        mask.buffer(),
                        factor,
                        loss.buffer());
        return Node.record(op, null, loss, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        Tensor x = node.input(0);
        Tensor dx = Tensor.result("maskedMeanSquare", x.dtype(), x.shape());
        x.backend()
                .meanSquare(x.dtype())
                .orElseThrow()
                .backward(
                        new MeanSquareKernels.Saved(
                                x.shape().dim(-1), x.buffer(), target.buffer(), mask.buffer()),
                        factor,
                        gradient.buffer(),
                        dx.buffer());
        return new Tensor[] {dx};
    }

    @Override
    public Tensor composite(Tensor... inputs) {
        Tensor x = widened(inputs[0]);
        int width = x.shape().dim(-1);
        Tensor rows = reshape(x, Shape.of(x.shape().rows(), width));
        Tensor goal =
                widened(
                        target.shape().equals(x.shape())
                                ? reshape(target, rows.shape())
                                : target);
        Tensor counted =
                broadcast(RowMask.column(x.dtype(), mask, mark -> mark != 0), rows.shape());
        Tensor difference =
                where(counted, subtract(rows, goal), Tensor.zeros(x.dtype(), Shape.of(1)));
        return scale(sum(multiply(difference, difference)), factor.value());
    }
}
