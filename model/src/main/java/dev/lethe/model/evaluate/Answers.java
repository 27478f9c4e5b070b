package dev.lethe.model.evaluate;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gemma2.Gemma2;

/// Questions with their one right answer, as whole rows: how many would greedy decoding get exactly
/// right?
///
/// One teacher-forced pass tells. Greedy decoding writes the right answer and stops exactly when
/// the largest logit is the right token at every answer position and at the terminator after it: up
/// to the first error both see the same prefix, and one error is enough to be wrong in both.
///
/// @param batch whole rows, question, answer and terminator
/// @param answerStart for each row the index of the answer's first token
public record Answers(Batch batch, int[] answerStart) {
    private static final int ROWS_A_PASS = 96;

    public Answers {
        if (answerStart.length != batch.rows()) {
            throw new IllegalArgumentException(
                    "answers: %d rows need as many answer positions, got %d"
                            .formatted(batch.rows(), answerStart.length));
        }
        for (int r = 0; r < answerStart.length; r++) {
            if (answerStart[r] < 1 || answerStart[r] >= batch.lengths()[r]) {
                throw new IllegalArgumentException(
                        ("answers: row %d of %d tokens: expected a question and an answer, got an"
                                        + " answer that begins at %d; correct its start")
                                .formatted(r, batch.lengths()[r], answerStart[r]));
            }
        }
    }

    /// Share of rows that are exactly right, from 0 to 1.
    public double accuracy(Gemma2 model, Workers workers) {
        boolean[] right = right(model, workers);
        int count = 0;
        for (boolean one : right) {
            count += one ? 1 : 0;
        }
        return (double) count / right.length;
    }

    /// For each row whether greedy decoding is exactly right.
    public boolean[] right(Gemma2 model, Workers workers) {
        boolean[] right = new boolean[batch.rows()];
        int passes = (batch.rows() + ROWS_A_PASS - 1) / ROWS_A_PASS;
        workers.forEach(
                passes,
                pass -> {
                    int from = pass * ROWS_A_PASS;
                    int to = Math.min(batch.rows(), from + ROWS_A_PASS);
                    judge(model, from, to, right);
                });
        return right;
    }

    private void judge(Gemma2 model, int from, int to, boolean[] right) {
        Batch rows = batch.rows(from, to);
        int vocabulary = model.config().vocabSize();
        try (TensorArena _ = model.parameters().backend().openStep()) {
            Tensor logits =
                    Recording.off(
                            () -> {
                                Tensor ids =
                                        Tensor.ofInts(
                                                Shape.of(rows.rows(), rows.tokens()), rows.ids());
                                return model.head(model.forward(ids).lastHidden()).logits();
                            });
            float[] values = logits.toFloats();
            for (int r = 0; r < rows.rows(); r++) {
                boolean all = true;
                for (int t = answerStart[from + r] - 1; t < rows.tokens(); t++) {
                    int target = rows.targets()[r * rows.tokens() + t];
                    int at = (r * rows.tokens() + t) * vocabulary;
                    all &= target < 0 || Greedy.largest(values, at, vocabulary) == target;
                }
                right[from + r] = all;
            }
        }
    }
}
