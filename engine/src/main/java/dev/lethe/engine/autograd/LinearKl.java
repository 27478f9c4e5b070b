package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Exp.exp;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Subtract.subtract;
import static dev.lethe.engine.autograd.Sum.sum;
import static dev.lethe.engine.autograd.Where.where;

import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.memory.Shape;
import java.util.Optional;

/// Distillation loss straight from hidden states: forward KL at temperature 1 (Hinton et al. 2015;
/// PAPER 1.2), `(1/N) sum over counted rows of sum_v p_T (log p_T - log p_S)`.
///
/// Gradient of a counted row's student logits before the cap: `(p_S - p_T)(1 - (z/cap)^2) / N`; none
/// flows to the teacher.
///
/// @param teacher the teacher's hidden states and output embedding, as constants
/// @param mask I32, one a row; 0: the row does not count
/// @param softCap bound of the student's logits, 0 for none
/// @param factor 1/N, N being the counted rows of the whole batch
public record LinearKl(LinearHead teacher, Tensor mask, double softCap, Factor factor)
        implements Fused {
    /// @param denominator N
    public static Tensor linearKl(
            LinearHead student, LinearHead teacher, Tensor mask, double denominator) {
        return linearKl(student, teacher, mask, Factor.of(1 / denominator));
    }

    public static Tensor linearKl(
            LinearHead student, LinearHead teacher, Tensor mask, Factor factor) {
        student.requireRows("linearKl", mask);
        if (teacher.rows() != student.rows()
                || teacher.vocabulary() != student.vocabulary()
                || teacher.hidden().dtype() != student.hidden().dtype()) {
            throw new IllegalArgumentException(
                    "linearKl: student and teacher must have the same rows, vocabulary and element type, got %s x %s and %s x %s"
                            .formatted(
                                    student.hidden(),
                                    student.weight(),
                                    teacher.hidden(),
                                    teacher.weight()));
        }
        LinearHead constant =
                new LinearHead(
                        teacher.hidden().detach(), teacher.weight().detach(), teacher.softCap());
        LinearKl op = new LinearKl(constant, mask, student.softCap(), factor);
        Optional<LinearLossKernels> kernels =
                student.hidden().backend().linearLoss(student.hidden().dtype());
        if (kernels.isEmpty()) {
            return op.composite(student.hidden(), student.weight());
        }
        return student.run(
                op,
                (loss, wanted) ->
                        kernels.get()
                                .kl(
                                        student.kernelHead(),
                                        constant.kernelHead(),
                                        mask.buffer(),
                                        factor,
                                        loss.buffer(),
                                        wanted),
                constant.hidden(),
                constant.weight(),
                mask);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return LinearHead.backward(node, gradient, needed);
    }

    @Override
    public Tensor composite(Tensor... inputs) {
        Tensor logStudent = new LinearHead(inputs[0], inputs[1], softCap).logProbabilities();
        Tensor logTeacher = teacher.logProbabilities();
        Tensor perRow =
                sum(multiply(exp(logTeacher), subtract(logTeacher, logStudent)), -1); // [rows, 1]
        Tensor counted = RowMask.column(perRow.dtype(), mask, mark -> mark != 0);
        Tensor zero = Tensor.zeros(perRow.dtype(), Shape.of(1));
        return scale(sum(where(counted, perRow, zero)), factor.value());
    }
}
