package dev.lethe.model.evaluate;

import static dev.lethe.engine.autograd.Gather.gather;
import static dev.lethe.engine.autograd.Reshape.reshape;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Tokenizer;
import dev.lethe.model.data.arithmetic.Problem;
import dev.lethe.model.gemma2.Gemma2;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The paper's problems as questions (PAPER 3.5): is the number that greedy decoding writes before
/// the first space, or before the text ends, the right one?
///
/// As in [Answers] one teacher-forced pass tells. Logits are had for the answers' positions alone, a
/// part at a time, so that a vocabulary of 256,000 does not matter.
public final class ProblemAnswers {
    private static final int ROWS_A_PASS = 64;
    private static final int LOGITS_A_PART = 1 << 24;

    private final Tokenizer tokenizer;
    private final List<Row> rows;

    /// @param ids begin mark, prompt and answer
    /// @param start index of the answer's first token
    private record Row(int[] ids, int start, String answer) {}

    public ProblemAnswers(List<Problem> problems, Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        this.rows = problems.stream().map(this::row).toList();
    }

    /// Where a token may reach from the prompt into the answer, the answer begins with that token.
    private Row row(Problem problem) {
        String answer = Integer.toString(problem.answer());
        int[] asked = tokenizer.encode(problem.prompt());
        int[] whole = tokenizer.encode(problem.prompt() + answer);
        int differ = Arrays.mismatch(asked, whole);
        int[] ids =
                IntStream.concat(IntStream.of(tokenizer.bosId()), IntStream.of(whole)).toArray();
        return new Row(ids, 1 + (differ < 0 ? whole.length : differ), answer);
    }

    public int count() {
        return rows.size();
    }

    /// Share of right answers, from 0 to 1.
    public double accuracy(Gemma2 model, Workers workers) {
        int passes = Math.ceilDiv(rows.size(), ROWS_A_PASS);
        int[] right = new int[passes];
        workers.forEach(
                passes,
                pass -> {
                    int from = pass * ROWS_A_PASS;
                    int to = Math.min(rows.size(), from + ROWS_A_PASS);
                    right[pass] = right(model, rows.subList(from, to));
                });
        return (double) IntStream.of(right).sum() / rows.size();
    }

    private int right(Gemma2 model, List<Row> asked) {
        try (TensorArena _ = model.parameters().backend().openStep()) {
            int[] predicted = Recording.off(() -> predictions(model, asked));
            int right = 0;
            int at = 0;
            for (Row row : asked) {
                int count = row.ids.length - row.start + 1;
                right += isRight(row, Arrays.copyOfRange(predicted, at, at + count)) ? 1 : 0;
                at += count;
            }
            return right;
        }
    }

    /// The most likely tokens at the answers' positions and at those behind them, row after row.
    private static int[] predictions(Gemma2 model, List<Row> asked) {
        int tokens = asked.stream().mapToInt(row -> row.ids.length).max().orElseThrow();
        int[] ids = new int[asked.size() * tokens];
        IntStream.Builder wanted = IntStream.builder();
        for (int r = 0; r < asked.size(); r++) {
            Row row = asked.get(r);
            System.arraycopy(row.ids, 0, ids, r * tokens, row.ids.length);
            for (int t = row.start - 1; t < row.ids.length; t++) {
                wanted.add(r * tokens + t);
            }
        }
        int[] places = wanted.build().toArray();
        Tensor hidden =
                model.forward(Tensor.ofInts(Shape.of(asked.size(), tokens), ids)).lastHidden();
        int width = model.config().hiddenSize();
        Tensor states = reshape(hidden, Shape.of(asked.size() * tokens, width));
        int vocabulary = model.config().vocabSize();
        int part = Math.max(1, LOGITS_A_PART / vocabulary);
        int[] predicted = new int[places.length];
        for (int from = 0; from < places.length; from += part) {
            int[] some = Arrays.copyOfRange(places, from, Math.min(places.length, from + part));
            float[] logits = logits(model, states, some);
            for (int i = 0; i < some.length; i++) {
                predicted[from + i] = Greedy.largest(logits, i * vocabulary, vocabulary);
            }
        }
        return predicted;
    }

    private static float[] logits(Gemma2 model, Tensor states, int[] places) {
        TensorArena arena = TensorArena.current("answers");
        int mark = arena.mark();
        Tensor picked = gather(states, Tensor.ofInts(Shape.of(places.length), places));
        float[] logits = model.head(picked).logits().toFloats();
        arena.giveBackSince(mark, _ -> false); // the next part's lie where these did
        return logits;
    }

    private boolean isRight(Row row, int[] predicted) {
        int[] answer = Arrays.copyOfRange(row.ids, row.start, row.ids.length);
        int last = predicted[answer.length];
        if (!Arrays.equals(answer, Arrays.copyOf(predicted, answer.length))) {
            return false;
        }
        String written = tokenizer.decode(predicted).strip();
        boolean ended =
                last == tokenizer.bosId()
                        || last == tokenizer.eosId()
                        || last == tokenizer.padId();
        return ended || written.split("\\s", 2)[0].equals(row.answer);
    }
}
