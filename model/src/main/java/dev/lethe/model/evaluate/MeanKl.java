package dev.lethe.model.evaluate;

import static dev.lethe.engine.autograd.LinearKl.linearKl;

import dev.lethe.engine.autograd.LinearHead;
import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gemma2.Gemma2;

/// How far a student is from its teacher: forward `KL(teacher || student)` in nats, the mean over
/// the targets of fixed rows.
///
/// Rows are cut into passes by their number alone, and the passes' sums are added in F64 in their
/// order, so the figure does not depend on the threads.
///
/// @param batch rows with at least one target
public record MeanKl(Batch batch) {
    private static final int POSITIONS_A_PASS = 1024;

    public MeanKl {
        if (batch.targetCount() == 0) {
            throw new IllegalArgumentException(
                    ("kl: expected at least one target, got %d rows of %d tokens"
                                    + " without; give longer text")
                            .formatted(batch.rows(), batch.tokens()));
        }
    }

    /// Nats a token.
    public double of(Gemma2 teacher, Gemma2 student, Workers workers) {
        int rows = Math.max(1, POSITIONS_A_PASS / batch.tokens());
        double[] sums = new double[(batch.rows() + rows - 1) / rows];
        workers.forEach(
                sums.length,
                pass -> {
                    int from = pass * rows;
                    Batch part = batch.rows(from, Math.min(batch.rows(), from + rows));
                    sums[pass] = sum(teacher, student, part);
                });
        double total = 0;
        for (double sum : sums) {
            total += sum;
        }
        return total / batch.targetCount();
    }

    /// The kernel's mean times its count: the sum itself may be too large for all digits of an F32.
    private static double sum(Gemma2 teacher, Gemma2 student, Batch part) {
        int count = part.targetCount();
        if (count == 0) {
            return 0;
        }
        try (TensorArena _ = student.parameters().backend().openStep()) {
            return count * Recording.off(() -> mean(teacher, student, part, count)).item();
        }
    }

    private static Tensor mean(Gemma2 teacher, Gemma2 student, Batch part, int count) {
        Tensor mask = Tensor.ofInts(Shape.of(part.rows() * part.tokens()), part.targetMask());
        return linearKl(head(student, part), head(teacher, part), mask, count);
    }

    private static LinearHead head(Gemma2 model, Batch part) {
        Tensor ids = Tensor.ofInts(Shape.of(part.rows(), part.tokens()), part.ids());
        return model.head(model.forward(ids).lastHidden());
    }
}
