package dev.lethe.model.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// SAM on a tiny model with MaxEnt, against the algorithm written out.
class SharpnessAwareTest {
    private static final Objective OBJECTIVE = new MaxEnt(0.7, Positions.TARGETS);
    private static final double RATE = 1e-2;
    private static final double CLIP = 0.5; // below the gradient's norm, so that it matters
    private static final AdamW.Settings ADAMW = new AdamW.Settings(0.9, 0.999, 1e-8, 0.1, CLIP);
    private static final int STEPS = 3;

    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void nothingStaysOpen() {
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private static StepBatch batch(long step) {
        return StepBatch.forgetAndRetain(
                TinyGemma2.batch(10 + step, 6, 6, 2, 5, 3, 6),
                TinyGemma2.batch(20 + step, 5, 5, 4, 2, 5));
    }

    private static TrainingPlan plan(StepRule rule, int microBatches, double rate) {
        return new TrainingPlan(
                STEPS, microBatches, new Schedule.Constant(rate, 0), ADAMW, _ -> true, rule);
    }

    private static Map<String, double[]> values(Parameters parameters) {
        Map<String, double[]> values = new LinkedHashMap<>();
        parameters.names().forEach(name -> values.put(name, parameters.get(name).toDoubles()));
        return values;
    }

    private static void assertSameBits(
            Map<String, double[]> expected, Map<String, double[]> actual) {
        expected.forEach((name, bits) -> assertArrayEquals(bits, actual.get(name), name));
    }

    private Map<String, double[]> trained(DType dtype, TrainingPlan plan, int threads) {
        try (Workers workers = new Workers(threads);
                Gemma2 model = TinyGemma2.random(backend, dtype, 5);
                Trainer trainer = new Trainer(model, OBJECTIVE, plan, workers)) {
            trainer.run(SharpnessAwareTest::batch, Check.NONE, List.of());
            return values(model.parameters());
        }
    }

    /// The gradient of the whole batch at once, by name.
    private Map<String, double[]> gradient(Gemma2 model, List<String> names, StepBatch batch) {
        try (TensorArena _ = backend.openStep()) {
            Tensor loss = OBJECTIVE.terms(model, batch, OBJECTIVE.denominators(batch)).total();
            Gradients found = Autograd.gradients(loss, model.parameters().get(names));
            Map<String, double[]> gradient = new LinkedHashMap<>();
            for (String name : names) {
                gradient.put(name, found.of(model.parameters().get(name)).toDoubles());
            }
            return gradient;
        }
    }

    private static double norm(Map<String, double[]> gradient) {
        double squares = 0;
        for (double[] part : gradient.values()) {
            for (double g : part) {
                squares += g * g;
            }
        }
        return Math.sqrt(squares);
    }

    private void set(Parameters parameters, Map<String, double[]> values) {
        try (TensorArena _ = backend.openStep()) {
            values.forEach(
                    (name, numbers) -> {
                        Tensor into = parameters.get(name);
                        Tensor from = Tensor.of(DType.F64, into.shape(), numbers);
                        backend.elementwise().copy(from.buffer(), into.buffer());
                    });
        }
        parameters.flat().markChanged();
    }

    private static Map<String, double[]> away(
            Map<String, double[]> theta, Map<String, double[]> gradient, double rho) {
        double length = norm(gradient);
        Map<String, double[]> away = new LinkedHashMap<>();
        gradient.forEach(
                (name, g) -> {
                    double[] moved = theta.get(name).clone();
                    for (int i = 0; i < moved.length; i++) {
                        moved[i] += rho * g[i] / (length + 1e-12);
                    }
                    away.put(name, moved);
                });
        return away;
    }

    /// PAPER 1.4 and AdamW in scalars.
    private Map<String, double[]> byHand(double rho, Predicate<String> trained) {
        try (Gemma2 model = TinyGemma2.random(backend, DType.F64, 5)) {
            List<String> names = model.parameters().names().stream().filter(trained).toList();
            Map<String, double[]> theta = values(model.parameters());
            Map<String, double[]> m = new LinkedHashMap<>();
            Map<String, double[]> v = new LinkedHashMap<>();
            for (int step = 0; step < STEPS; step++) {
                Map<String, double[]> first = gradient(model, names, batch(step));
                set(model.parameters(), away(theta, first, rho));
                Map<String, double[]> second = gradient(model, names, batch(step));
                double clip = Math.min(1, CLIP / (norm(second) + 1e-6));
                assertTrue(clip < 1, "clipping is part of this test");
                double correction1 = 1 - Math.pow(0.9, step + 1);
                double correction2 = 1 - Math.pow(0.999, step + 1);
                for (String name : names) {
                    double[] p = theta.get(name);
                    double[] ofM = m.computeIfAbsent(name, _ -> new double[p.length]);
                    double[] ofV = v.computeIfAbsent(name, _ -> new double[p.length]);
                    for (int i = 0; i < p.length; i++) {
                        double g = clip * second.get(name)[i];
                        ofM[i] = 0.9 * ofM[i] + 0.1 * g;
                        ofV[i] = 0.999 * ofV[i] + 0.001 * g * g;
                        double root = Math.sqrt(ofV[i] / correction2) + 1e-8;
                        p[i] = p[i] * (1 - RATE * 0.1) - RATE * (ofM[i] / correction1) / root;
                    }
                }
                set(model.parameters(), theta);
            }
            return theta;
        }
    }

    private static void assertClose(
            Map<String, double[]> expected, Map<String, double[]> actual, double tolerance) {
        expected.forEach(
                (name, values) -> assertArrayEquals(values, actual.get(name), tolerance, name));
    }

    private static double distance(Map<String, double[]> a, Map<String, double[]> b) {
        double largest = 0;
        for (String name : a.keySet()) {
            for (int i = 0; i < a.get(name).length; i++) {
                largest = Math.max(largest, Math.abs(a.get(name)[i] - b.get(name)[i]));
            }
        }
        return largest;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.5})
    void agreesWithTheAlgorithmWrittenOut(double rho) {
        Map<String, double[]> expected = byHand(rho, _ -> true);
        TrainingPlan sam = plan(new StepRule.SharpnessAware(rho), 1, RATE);
        // Adam divides by the root of the second moment: an element whose gradient is nearly 0
        // moves by an amount whose relative error is that of its gradient.
        assertClose(expected, trained(DType.F64, sam, 2), 1e-11);
        TrainingPlan plain = plan(new StepRule.Plain(), 1, RATE);
        double apart = distance(expected, trained(DType.F64, plain, 2));
        assertTrue(apart > 1e-4, "the rule makes a difference: " + apart);
    }

    @Test
    void movesAndMeasuresTrainedParametersOnly() {
        Predicate<String> some = name -> name.endsWith("down_proj.weight");
        Map<String, double[]> expected = byHand(0.3, some);
        TrainingPlan plan = plan(new StepRule.SharpnessAware(0.3), 2, RATE).training(some);
        assertClose(expected, trained(DType.F64, plan, 2), 1e-11);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void withoutAnExcursionItIsThePlainStep(DType dtype) {
        Map<String, double[]> plain = trained(dtype, plan(new StepRule.Plain(), 2, RATE), 2);
        Map<String, double[]> sam =
                trained(dtype, plan(new StepRule.SharpnessAware(0), 2, RATE), 2);
        assertSameBits(plain, sam);
    }

    @Test
    void microBatchesDoNotMatter() {
        StepRule sam = new StepRule.SharpnessAware(0.2);
        Map<String, double[]> whole = trained(DType.F64, plan(sam, 1, RATE), 2);
        assertClose(whole, trained(DType.F64, plan(sam, 4, RATE), 2), 1e-12);
    }

    @Test
    void threadsDoNotMatter() {
        TrainingPlan plan = plan(new StepRule.SharpnessAware(0.2), 4, RATE);
        Map<String, double[]> one = trained(DType.F32, plan, 1);
        for (int threads : new int[] {2, 3}) {
            assertSameBits(one, trained(DType.F32, plan, threads));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void comesHomeBitByBit(DType dtype) {
        AdamW.Settings still = AdamW.Settings.DEFAULT;
        TrainingPlan plan =
                new TrainingPlan(
                        STEPS,
                        2,
                        new Schedule.Constant(0, 0),
                        still,
                        _ -> true,
                        new StepRule.SharpnessAware(3));
        Map<String, double[]> before;
        try (Gemma2 model = TinyGemma2.random(backend, dtype, 5)) {
            before = values(model.parameters());
        }
        assertSameBits(before, trained(dtype, plan, 2));
    }

    @Test
    void aDivergenceAwayFromHomeLeavesTheParametersAsTheyWere() {
        TrainingPlan plan = plan(new StepRule.SharpnessAware(1e38), 2, RATE);
        try (Workers workers = new Workers(2);
                Gemma2 model = TinyGemma2.random(backend, DType.F32, 5);
                Trainer trainer = new Trainer(model, OBJECTIVE, plan, workers)) {
            Map<String, double[]> before = values(model.parameters());
            DivergedException e =
                    assertThrows(DivergedException.class, () -> trainer.step(batch(0)));
            assertEquals(1, e.step());
            assertSameBits(before, values(model.parameters()));
            assertEquals(0, trainer.steps());
        }
    }

    @Test
    void reportsTheLossAtHomeAndTheGradientThatIsUsed() {
        TrainingPlan plan = plan(new StepRule.SharpnessAware(), 2, RATE);
        try (Workers workers = new Workers(1);
                Gemma2 model = TinyGemma2.random(backend, DType.F64, 5);
                Trainer trainer = new Trainer(model, OBJECTIVE, plan, workers)) {
            Map<String, double[]> theta = values(model.parameters());
            List<String> names = model.parameters().names();
            Map<String, double[]> first = gradient(model, names, batch(0));
            double loss;
            try (TensorArena _ = backend.openStep()) {
                var denominators = OBJECTIVE.denominators(batch(0));
                loss = OBJECTIVE.terms(model, batch(0), denominators).total().item();
            }
            set(model.parameters(), away(theta, first, 0.05));
            double used = norm(gradient(model, names, batch(0)));
            set(model.parameters(), theta);
            StepReport report = trainer.step(batch(0));
            assertEquals(loss, report.loss(), 1e-13);
            assertEquals(used, report.gradientNorm(), 1e-12);
            assertTrue(Math.abs(used - norm(first)) > 1e-3, "two gradients");
            assertEquals(batch(0).tokens(), report.tokens());
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesARhoThatIsNoLength(double rho) {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new StepRule.SharpnessAware(rho))
                        .getMessage();
        assertEquals(
                "sam: rho: expected a finite number, at least 0, got %s; 0.05 is the paper's"
                        .formatted(rho),
                message);
    }
}
