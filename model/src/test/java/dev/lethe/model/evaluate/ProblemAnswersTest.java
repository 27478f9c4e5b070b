package dev.lethe.model.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.arithmetic.Problem;
import dev.lethe.model.data.arithmetic.Problems;
import dev.lethe.model.data.text.Packer;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Initialization;
import dev.lethe.model.generate.Generator;
import dev.lethe.model.generate.Sampling;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// One pass over questions and answers finds right what greedy decoding writes right, by the paper's
/// own rule (PAPER 3.5).
class ProblemAnswersTest {
    private static final ByteTokenizer TOKENIZER = new ByteTokenizer();
    private static final Gemma2Config CONFIG =
            Gemma2Config.builder()
                    .vocabSize(260)
                    .hiddenSize(24)
                    .intermediateSize(48)
                    .layers(2)
                    .heads(2)
                    .kvHeads(1)
                    .headDim(12)
                    .queryPreAttnScalar(12)
                    .eosIds(List.of(1, 2))
                    .build();

    /// Text before the first space or begin mark of four new tokens.
    private static boolean greedy(Gemma2 model, Problem problem) {
        int[] prompt =
                IntStream.concat(
                                IntStream.of(TOKENIZER.bosId()),
                                IntStream.of(TOKENIZER.encode(problem.prompt())))
                        .toArray();
        int[] ids = new Generator(model, Sampling.GREEDY).generate(prompt, 4).ids();
        String written = TOKENIZER.decode(ids);
        String answer = Integer.toString(problem.answer());
        return !written.isBlank() && written.strip().split("\\s", 2)[0].equals(answer);
    }

    @Test
    void judgesAsGreedyDecodingDoes() {
        List<Problem> some =
                Problems.evaluation(3).stream()
                        .filter(one -> one.answer() < 10 && one.text().length() < 60)
                        .limit(70)
                        .toList();
        try (Backend backend = new ReferenceBackend();
                Workers workers = new Workers(1);
                Gemma2 model = Gemma2.allocate(CONFIG, backend, DType.F32)) {
            Initialization.randomize(model, 5);
            List<String> texts =
                    IntStream.range(0, 8)
                            .mapToObj(i -> some.get(7 * i))
                            .map(Problem::text)
                            .toList();
            StepBatch batch =
                    StepBatch.main(
                            Packer.pack(texts, TOKENIZER, 60, false).windows().batch());
            try (Trainer trainer =
                    new Trainer(
                            model,
                            new NextToken(),
                            TrainingPlan.of(120, 1, new Schedule.Constant(1e-2, 5)),
                            workers)) {
                for (int step = 0; step < 120; step++) {
                    trainer.step(batch);
                }
            }
            ProblemAnswers answers = new ProblemAnswers(some, TOKENIZER);
            assertEquals(70, answers.count());
            long right = some.stream().filter(one -> greedy(model, one)).count();
            assertTrue(right > 2 && right < 68, "nothing to tell apart: " + right);
            assertEquals(right / 70.0, answers.accuracy(model, workers), 1e-12);
        }
    }
}
