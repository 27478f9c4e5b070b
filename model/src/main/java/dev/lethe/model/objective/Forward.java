package dev.lethe.model.objective;

import static dev.lethe.engine.autograd.Gather.gather;
import static dev.lethe.engine.autograd.LinearCrossEntropy.linearCrossEntropy;
import static dev.lethe.engine.autograd.Reshape.reshape;

import dev.lethe.engine.autograd.LinearHead;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gemma2.Gemma2;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// From a batch to what the loss heads take.
final class Forward {
    private Forward() {}

    static Tensor ids(Batch batch) {
        return StepInputs.of(batch, Column.IDS, Shape.of(batch.rows(), batch.tokens()));
    }

    /// One value a position, `[B T]`.
    static Tensor perRow(Batch batch, Column column) {
        return StepInputs.of(batch, column, Shape.of(batch.rows() * batch.tokens()));
    }

    static LinearHead head(Gemma2 model, Batch batch) {
        return model.head(model.forward(ids(batch)).lastHidden());
    }

    /// Mean negative log-likelihood over targets, of which this batch may be a part.
    ///
    /// @param mean one over the targets of the whole batch
    static Tensor crossEntropy(Gemma2 model, Batch batch, Factor mean) {
        return linearCrossEntropy(head(model, batch), perRow(batch, Column.TARGETS), mean);
    }

    /// Which positions count as ones and zeros, `[B T]`, of that type, made where it is used.
    static Tensor marks(Batch batch, Column column, DType dtype) {
        Tensor both = StepInputs.constant(() -> Tensor.of(dtype, Shape.of(2), 0, 1));
        return gather(reshape(both, Shape.of(2, 1)), perRow(batch, column));
    }

    /// The count as a denominator; a term without anything to average is refused.
    static double denominator(String term, long count) {
        if (count == 0) {
            throw new IllegalArgumentException(
                    term
                            + ": the batch has no position that counts; expected at least one, give"
                            + " longer rows or another mask");
        }
        return count;
    }

    static SequencedMap<String, Double> denominators(String term, long count) {
        SequencedMap<String, Double> one = new LinkedHashMap<>();
        one.put(term, denominator(term, count));
        return one;
    }

    static SequencedMap<String, Double> and(
            SequencedMap<String, Double> first, String term, long count) {
        first.put(term, denominator(term, count));
        return first;
    }
}
