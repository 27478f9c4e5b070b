package dev.lethe.model.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.train.Trainer.Ended;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The loop: learning, the same bits for any number of threads, stopping, what it leaves alone.
class TrainerTest {
    private static final Schedule RATE = new Schedule.Constant(0.01, 0);
    private static final List<TrainingObserver> NOBODY = List.of();

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers one = new Workers(1);

    @AfterEach
    void nothingStaysOpen() {
        one.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private Gemma2 model(DType dtype) {
        return TinyGemma2.random(backend, dtype, 21);
    }

    private static StepBatch main(long step) {
        return StepBatch.main(TinyGemma2.batch(100 + step, 6, 6, 2, 5, 6, 3, 1, 4));
    }

    private static Map<String, double[]> values(Gemma2 model) {
        Map<String, double[]> values = new TreeMap<>();
        Parameters parameters = model.parameters();
        parameters.names().forEach(name -> values.put(name, parameters.get(name).toDoubles()));
        return values;
    }

    private static void assertSameBits(
            Map<String, double[]> expected, Map<String, double[]> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, bits) -> assertArrayEquals(bits, actual.get(name), name));
    }

    @Test
    void learnsATinyTask() {
        // Rows that count upwards from 1 to 6, one place later each time.
        int[] ids = {1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6};
        Batch counting = Batch.shifted(3, 4, ids, new int[] {4, 4, 4});
        TrainingPlan plan = TrainingPlan.of(60, 2, RATE);
        List<StepReport> reports = new ArrayList<>();
        try (Gemma2 model = model(DType.F32);
                Trainer trainer = new Trainer(model, new NextToken(), plan, one)) {
            Trainer.Result result =
                    trainer.run(
                            _ -> StepBatch.main(counting.withoutLastColumn()),
                            Check.NONE,
                            List.of(reports::add));
            assertEquals(new Trainer.Result(60, 60 * 9, Ended.STEPS), result);
            assertEquals(60, trainer.steps());
        }
        assertEquals(60, reports.size());
        assertTrue(reports.getFirst().loss() > 2, "at first " + reports.getFirst());
        assertTrue(reports.getLast().loss() < 0.2, "at last " + reports.getLast());
        for (int i = 0; i < 60; i++) {
            StepReport report = reports.get(i);
            assertEquals(i + 1, report.step());
            assertEquals(9, report.tokens());
            assertEquals(0.01, report.learningRate());
            assertEquals(report.loss(), report.terms().get("ce"), 1e-15);
            assertTrue(report.gradientNorm() > 0 && report.seconds() > 0, report.toString());
        }
    }

    @Test
    void reportsWeightedLossAndUnweightedTerms() {
        Batch forget = TinyGemma2.batch(1, 5, 5, 3);
        Batch retain = TinyGemma2.batch(2, 5, 4, 5, 2);
        TrainingPlan plan = TrainingPlan.of(1, 2, RATE);
        try (Gemma2 model = model(DType.F64);
                Trainer trainer = new Trainer(model, new GradDiff(0.7), plan, one)) {
            StepReport report = trainer.step(StepBatch.forgetAndRetain(forget, retain));
            assertEquals(List.of("forget_ce", "retain_ce"), List.copyOf(report.terms().keySet()));
            double forgetCe = report.terms().get("forget_ce");
            double retainCe = report.terms().get("retain_ce");
            assertTrue(forgetCe > 0 && retainCe > 0, report.toString());
            assertEquals(-forgetCe + 0.7 * retainCe, report.loss(), 1e-14);
            assertEquals(19, report.tokens());
        }
    }

    private Map<String, double[]> threeSteps(DType dtype, int microBatches, int threads) {
        TrainingPlan plan = TrainingPlan.of(3, microBatches, RATE);
        try (Workers workers = new Workers(threads);
                Gemma2 model = model(dtype);
                Trainer trainer = new Trainer(model, new NextToken(), plan, workers)) {
            trainer.run(TrainerTest::main, Check.NONE, NOBODY);
            return values(model);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void hasTheSameBitsForAnyNumberOfThreads(int threads) {
        assertSameBits(threeSteps(DType.F32, 4, 1), threeSteps(DType.F32, 4, threads));
        assertSameBits(threeSteps(DType.F64, 4, 1), threeSteps(DType.F64, 4, threads));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 100})
    void trainsTheSameWhateverTheNumberOfMicroBatches(int microBatches) {
        Map<String, double[]> whole = threeSteps(DType.F64, 1, 1);
        threeSteps(DType.F64, microBatches, 1)
                .forEach((name, parts) -> assertArrayEquals(whole.get(name), parts, 1e-11, name));
    }

    @Test
    void asksForEachStepsDataByItsNumberOnce() {
        List<Long> asked = new ArrayList<>();
        BatchSource source =
                step -> {
                    asked.add(step);
                    return main(step);
                };
        try (Gemma2 model = model(DType.F32);
                Trainer trainer =
                        new Trainer(model, new NextToken(), TrainingPlan.of(4, 2, RATE), one)) {
            trainer.run(source, Check.NONE, NOBODY);
        }
        assertEquals(List.of(0L, 1L, 2L, 3L), asked);
    }

    @Test
    void goesOnWhereItStoppedWithTheSameBits() {
        TrainingPlan plan = TrainingPlan.of(4, 2, RATE);
        Map<String, double[]> whole;
        try (Gemma2 model = model(DType.F32);
                Trainer trainer = new Trainer(model, new NextToken(), plan, one)) {
            trainer.run(TrainerTest::main, Check.NONE, NOBODY);
            whole = values(model);
        }
        try (Gemma2 model = model(DType.F32);
                Trainer trainer = new Trainer(model, new NextToken(), plan, one)) {
            Check atTwo = new Check(step -> step == 2, _ -> outcome(step(2), true));
            assertEquals(Ended.RULE, trainer.run(TrainerTest::main, atTwo, NOBODY).ended());
            double[] halfway = values(model).get("model.norm.weight");
            assertFalse(Arrays.equals(whole.get("model.norm.weight"), halfway), "halfway");
            Trainer.Result rest = trainer.run(TrainerTest::main, Check.NONE, NOBODY);
            assertEquals(4, rest.steps());
            assertSameBits(whole, values(model));
        }
    }

    private static Map.Entry<String, Double> step(double value) {
        return Map.entry("step", value);
    }

    private static Check.Outcome outcome(Map.Entry<String, Double> metric, boolean stop) {
        return new Check.Outcome(new LinkedHashMap<>(Map.ofEntries(metric)), stop);
    }

    @Test
    void looksBeforeTheFirstStepAndStopsByTheRule() {
        List<String> seen = new ArrayList<>();
        TrainingObserver observer =
                new TrainingObserver() {
                    @Override
                    public void onStep(StepReport report) {
                        seen.add("step " + report.step());
                    }

                    @Override
                    public void onCheck(long step, Check.Outcome outcome) {
                        seen.add("check " + step + " " + outcome.metrics());
                    }
                };
        Check check = Check.every(2, step -> outcome(step(step), step == 4));
        try (Gemma2 model = model(DType.F32);
                Trainer trainer =
                        new Trainer(model, new NextToken(), TrainingPlan.of(9, 1, RATE), one)) {
            Trainer.Result result = trainer.run(TrainerTest::main, check, List.of(observer));
            assertEquals(Ended.RULE, result.ended());
            assertEquals(4, result.steps());
        }
        assertEquals(
                List.of(
                        "check 0 {step=0.0}",
                        "step 1",
                        "step 2",
                        "check 2 {step=2.0}",
                        "step 3",
                        "step 4",
                        "check 4 {step=4.0}"),
                seen);
    }

    @Test
    void makesNoStepWhenTheRuleHoldsFromTheBeginning() {
        Check check = Check.every(1, _ -> outcome(step(0), true));
        try (Gemma2 model = model(DType.F32);
                Trainer trainer =
                        new Trainer(model, new NextToken(), TrainingPlan.of(9, 1, RATE), one)) {
            Map<String, double[]> before = values(model);
            Trainer.Result result = trainer.run(TrainerTest::main, check, NOBODY);
            assertEquals(new Trainer.Result(0, 0, Ended.RULE), result);
            assertSameBits(before, values(model));
        }
    }

    @Test
    void followsItsSchedule() {
        List<Double> rates = new ArrayList<>();
        Schedule schedule = new Schedule.Linear(0.004, 0, 2, 4);
        try (Gemma2 model = model(DType.F32);
                Trainer trainer =
                        new Trainer(
                                model, new NextToken(), TrainingPlan.of(4, 1, schedule), one)) {
            TrainingObserver observer = report -> rates.add(report.learningRate());
            trainer.run(TrainerTest::main, Check.NONE, List.of(observer));
        }
        assertEquals(List.of(0.002, 0.004, 0.004, 0.0), rates);
    }

    @Test
    void movesOnlyWhatIsToBeTrained() {
        AdamW.Settings decaying = new AdamW.Settings(0.9, 0.999, 1e-8, 0.1, 1);
        TrainingPlan plan =
                new TrainingPlan(2, 2, RATE, decaying, name -> name.endsWith("down_proj.weight"));
        try (Gemma2 model = model(DType.F32);
                Trainer trainer = new Trainer(model, new NextToken(), plan, one)) {
            Map<String, double[]> before = values(model);
            trainer.run(TrainerTest::main, Check.NONE, NOBODY);
            values(model)
                    .forEach(
                            (name, now) ->
                                    assertEquals(
                                            !name.endsWith("down_proj.weight"),
                                            Arrays.equals(before.get(name), now),
                                            name + " unchanged"));
        }
    }

    @Test
    void refusesToTrainNothing() {
        TrainingPlan plan = TrainingPlan.of(2, 2, RATE).training(name -> name.contains("bias"));
        try (Gemma2 model = model(DType.F32)) {
            Objective objective = new NextToken();
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> new Trainer(model, objective, plan, one))
                            .getMessage();
            assertTrue(message.contains("no parameter is to be trained"), message);
        }
        assertThrows(IllegalArgumentException.class, () -> TrainingPlan.of(-1, 1, RATE));
        assertThrows(IllegalArgumentException.class, () -> TrainingPlan.of(1, 0, RATE));
    }

    @Test
    void givesBackAllMemoryOfItsSteps() {
        try (Gemma2 model = model(DType.F32);
                Trainer trainer =
                        new Trainer(model, new NextToken(), TrainingPlan.of(6, 4, RATE), one)) {
            int longLived = backend.memory().openArenas();
            // parameters, moments, a step's values, the sum of gradients and a part's
            assertEquals(1 + 2 + 1 + 2, longLived);
            trainer.step(main(0));
            trainer.step(main(1));
            long reserved = backend.memory().reservedBytes();
            trainer.run(_ -> main(1), Check.NONE, NOBODY);
            assertEquals(longLived, backend.memory().openArenas());
            assertEquals(reserved, backend.memory().reservedBytes(), "bytes after more steps");
        }
    }
}
