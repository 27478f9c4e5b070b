package dev.lethe.model.evaluate;

import static dev.lethe.engine.autograd.LinearCrossEntropy.linearCrossEntropy;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gemma2.Gemma2;

/// How well a model predicts fixed text: the mean of `-log p(next token)` over the targets of a
/// batch (PAPER 1.1, `ce_eval`), in nats.
///
/// Rows are cut into passes by their number alone, and the passes' sums are added in F64 in their
/// order, so the figure does not depend on the threads.
///
/// @param batch rows with at least one target
public record CrossEntropy(Batch batch) {
    private static final int POSITIONS_A_PASS = 1024;

    public CrossEntropy {
        if (batch.targetCount() == 0) {
            throw new IllegalArgumentException(
                    ("cross-entropy: expected at least one target, got %d rows of %d tokens"
                                    + " without; give longer text")
                            .formatted(batch.rows(), batch.tokens()));
        }
    }

    /// Nats a token.
    public double of(Gemma2 model, Workers workers) {
        int rows = Math.max(1, POSITIONS_A_PASS / batch.tokens());
        double[] sums = new double[(batch.rows() + rows - 1) / rows];
        workers.forEach(
                sums.length,
                pass -> {
                    int from = pass * rows;
                    Batch part = batch.rows(from, Math.min(batch.rows(), from + rows));
                    sums[pass] = sum(model, part);
                });
        double total = 0;
        for (double sum : sums) {
            total += sum;
        }
        return total / batch.targetCount();
    }

    private static double sum(Gemma2 model, Batch part) {
        int count = part.targetCount();
        if (count == 0) {
            return 0;
        }
        try (TensorArena _ = model.parameters().backend().openStep()) {
            return count * Recording.off(() -> mean(model, part, count)).item();
        }
    }

    private static Tensor mean(Gemma2 model, Batch part, int count) {
        Tensor ids = Tensor.ofInts(Shape.of(part.rows(), part.tokens()), part.ids());
        Tensor targets = Tensor.ofInts(Shape.of(part.rows() * part.tokens()), part.targets());
        return linearCrossEntropy(
                model.head(model.forward(ids).lastHidden()), targets, count);
    }
}
