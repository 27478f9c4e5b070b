package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;

/// Loss heads that go from hidden states to a scalar in chunks of rows and never hold all logits:
/// matmul, soft-cap, loss and its gradient, matmul back.
///
/// `logits = cap tanh(hidden weight^T / cap)`, hidden `[rows, width]`, weight `[vocabulary, width]`.
/// Each writes `loss = scale sum over rows` into one element, and overwrites the gradients of that
/// loss that are asked for (null fields of [Wanted] are not computed).
///
/// BF16 hidden and weight: loss, logits, log-sum-exp and all sums are F32; dHidden and dWeight are
/// BF16, each element summed over all chunks before it is rounded. Only the gradients of logits may
/// be rounded to BF16 before their product with hidden or weight.
public interface LinearLossKernels {
    /// `-log p(target)` a row; rows with a negative target count nothing.
    void crossEntropy(Head head, Buffer targets, Factor scale, Buffer loss, Wanted wanted);

    /// `sum_v p_teacher (log p_teacher - log p_student)` a row where `mask` is not 0.
    void kl(Head student, Head teacher, Buffer mask, Factor scale, Buffer loss, Wanted wanted);

    /// `KL(uniform || p) = -log V - (1/V) sum_v log p_v` a row where `mask` is not 0.
    void uniformKl(Head head, Buffer mask, Factor scale, Buffer loss, Wanted wanted);

    /// Bytes that one call holds besides its operands and what it leaves in the step's arena, with
    /// gradients.
    ///
    /// @param heads 2 where there is a teacher
    /// @param dtype of hidden and weight
    default long workspaceBytes(int rows, int width, int vocabulary, int heads, DType dtype) {
        return 0;
    }

    /// `softCap` 0 is none.
    record Head(
            int rows, int width, int vocabulary, double softCap, Buffer hidden, Buffer weight) {}

    record Wanted(Buffer dHidden, Buffer dWeight) {}
}
