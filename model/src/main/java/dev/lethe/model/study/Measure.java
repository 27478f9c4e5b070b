package dev.lethe.model.study;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.LossValue;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.OutputTerm;

/// One number of a model, to be followed along a path.
@FunctionalInterface
public interface Measure {
    double of(Gemma2 model);

    /// An objective's value on a batch.
    static Measure loss(Objective objective, StepBatch batch, Workers workers) {
        return model -> LossValue.of(new Point(model, objective, batch), workers).loss();
    }

    /// The share of targets that are the model's most likely token; the first of equals wins.
    static Measure accuracy(Batch batch, Workers workers) {
        if (batch.targetCount() == 0) {
            throw new IllegalArgumentException(
                    "accuracy: the batch has no target; expected at least one, give longer rows");
        }
        OutputTerm term = OutputTerm.of(new NextToken()).getFirst();
        return model -> {
            int[] right = new int[batch.rows()];
            workers.forEach(
                    batch.rows(), row -> right[row] = right(model, term, batch.rows(row, row + 1)));
            int sum = 0;
            for (int count : right) {
                sum += count;
            }
            return sum / (double) batch.targetCount();
        };
    }

    private static int right(Gemma2 model, OutputTerm term, Batch row) {
        try (TensorArena _ = model.parameters().backend().openStep()) {
            double[] logits =
                    Recording.off(() -> term.read(model, row, 1).values()).toDoubles();
            int width = model.config().vocabSize();
            int right = 0;
            for (int t = 0; t < row.targets().length; t++) {
                int best = 0;
                for (int v = 1; v < width; v++) {
                    best = logits[t * width + v] > logits[t * width + best] ? v : best;
                }
                right += row.targets()[t] == best ? 1 : 0;
            }
            return right;
        }
    }
}
