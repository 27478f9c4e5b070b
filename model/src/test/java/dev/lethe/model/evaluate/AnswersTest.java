package dev.lethe.model.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.KvCache;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.train.Check;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// One teacher-forced pass judges answers as decoding them token by token does.
class AnswersTest {
    private static final int EQUALS = 11;
    private static final int END = 12;
    private static final int ANSWER_START = 3;
    private static final int TOKENS = 6;

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers workers = new Workers(2);

    @AfterEach
    void nothingStaysOpen() {
        workers.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private static int digit(int value) {
        return 1 + value;
    }

    /// `a b = sum END` for all digits: 100 rows, more than one pass takes, answers of one and two
    /// tokens.
    private static Batch sums() {
        int[] ids = new int[100 * TOKENS];
        int[] lengths = new int[100];
        for (int row = 0; row < 100; row++) {
            int question = 37 * row % 100; // every stretch of rows has all kinds
            int sum = question / 10 + question % 10;
            List<Integer> tokens = new ArrayList<>();
            tokens.addAll(List.of(digit(question / 10), digit(question % 10), EQUALS));
            if (sum >= 10) {
                tokens.add(digit(1));
            }
            tokens.addAll(List.of(digit(sum % 10), END));
            for (int t = 0; t < tokens.size(); t++) {
                ids[row * TOKENS + t] = tokens.get(t);
            }
            lengths[row] = tokens.size();
        }
        return Batch.shifted(100, TOKENS, ids, lengths);
    }

    private static int[] starts(int rows) {
        int[] starts = new int[rows];
        Arrays.fill(starts, ANSWER_START);
        return starts;
    }

    /// Greedy decoding with a cache: the first token after the question, then one token at a time
    /// until the terminator or one token more than the answer has.
    private static List<Integer> decode(Gemma2 model, int[] question, int most) {
        List<Integer> written = new ArrayList<>();
        try (KvCache cache = new KvCache(model.config().layers())) {
            int[] fresh = question;
            while (written.size() < most) {
                try (TensorArena _ = model.parameters().backend().openStep()) {
                    Tensor ids = Tensor.ofInts(Shape.of(1, fresh.length), fresh);
                    float[] logits = model.nextLogits(ids, cache).toFloats();
                    int next = Greedy.largest(logits, 0, logits.length);
                    written.add(next);
                    fresh = new int[] {next};
                }
                if (written.getLast() == END) {
                    break;
                }
            }
        }
        return written;
    }

    private static boolean decodesRight(Gemma2 model, Batch batch, int row) {
        int begin = row * batch.tokens();
        int[] ids = Arrays.copyOfRange(batch.ids(), begin, begin + batch.lengths()[row]);
        int[] question = Arrays.copyOf(ids, ANSWER_START);
        List<Integer> answer = new ArrayList<>();
        for (int t = ANSWER_START; t < ids.length; t++) {
            answer.add(ids[t]);
        }
        return decode(model, question, answer.size() + 1).equals(answer);
    }

    private static StepBatch fifth(Batch batch, int index) {
        return StepBatch.main(batch.rows(20 * index, 20 * index + 20));
    }

    @Test
    void judgesAsRealDecodingDoes() {
        Batch sums = sums();
        Answers answers = new Answers(sums, starts(100));
        try (Gemma2 model = TinyGemma2.random(backend, DType.F32, 3)) {
            TrainingPlan plan = TrainingPlan.of(60, 2, new Schedule.Constant(0.02, 0));
            try (Trainer trainer = new Trainer(model, new NextToken(), plan, workers)) {
                Batch inputs = sums.withoutLastColumn();
                trainer.run(step -> fifth(inputs, (int) (step % 5)), Check.NONE, List.of());
            }
            boolean[] right = answers.right(model, workers);
            int count = 0;
            for (int row = 0; row < 100; row++) {
                assertEquals(decodesRight(model, sums, row), right[row], "row " + row);
                count += right[row] ? 1 : 0;
            }
            int total = count;
            assertTrue(total > 10 && total < 90, () -> total + " right; neither side is tested");
            assertEquals(count / 100.0, answers.accuracy(model, workers));
        }
    }

    @Test
    void needsTheTerminatorToo() {
        // What an untrained model writes is taken for the answer, then with another last token.
        try (Gemma2 model = TinyGemma2.random(backend, DType.F32, 3)) {
            int[] question = {1, 1, EQUALS};
            int first = decode(model, question, 1).getFirst();
            List<Integer> two = decode(model, question, 2);
            assertEquals(2, two.size(), "this model writes no terminator at once");
            int other = two.getLast() == END ? digit(0) : END;
            int[] ids = {
                1, 1, EQUALS, first, two.getLast(), 0,
                1, 1, EQUALS, first, other, 0
            };
            Batch rows = Batch.shifted(2, TOKENS, ids, new int[] {5, 5});
            boolean[] right = new Answers(rows, starts(2)).right(model, workers);
            assertEquals(List.of(true, false), List.of(right[0], right[1]));
            assertEquals(0.5, new Answers(rows, starts(2)).accuracy(model, workers));
        }
    }

    @Test
    void refusesStartsThatAreNoAnswers() {
        Batch sums = sums();
        assertRefused("100 rows need as many answer positions, got 99", sums, starts(99));
        int[] starts = starts(100);
        starts[7] = 0;
        assertRefused("row 7 of 6 tokens: expected a question and an answer", sums, starts);
        starts[7] = 6;
        assertRefused("got an answer that begins at 6", sums, starts);
    }

    private static void assertRefused(String words, Batch batch, int[] starts) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> new Answers(batch, starts))
                        .getMessage();
        assertTrue(message.contains(words), message);
    }

    @Test
    void takesTheFirstOfEqualLogits() {
        float[] logits = {9, 1, 3, 3, 2};
        assertEquals(1, Greedy.largest(logits, 1, 4));
        assertEquals(0, Greedy.largest(logits, 0, 5));
    }
}
