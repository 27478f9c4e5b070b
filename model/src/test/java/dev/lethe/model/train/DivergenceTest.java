package dev.lethe.model.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Power;
import dev.lethe.engine.autograd.Sum;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.CustomObjective;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A training that leaves the numbers stops at once, says where, and harms nothing.
class DivergenceTest {
    private static final Schedule RATE = new Schedule.Constant(0.01, 0);

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers workers = new Workers(2);
    private final Gemma2 model = TinyGemma2.random(backend, DType.F32, 31);
    private final Batch batch = TinyGemma2.batch(1, 5, 5, 3, 4, 2);

    @AfterEach
    void nothingStaysOpen() {
        model.close();
        workers.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private float[] weights(String name) {
        return model.parameters().get(name).toFloats();
    }

    /// Runs until it diverges and compares the parameters with those before the last step.
    private DivergedException diverge(Objective objective, Schedule schedule, StepBatch data) {
        TrainingPlan plan =
                new TrainingPlan(50, 2, schedule, AdamW.Settings.DEFAULT, _ -> true);
        Map<String, float[]> before = new LinkedHashMap<>();
        try (Trainer trainer = new Trainer(model, objective, plan, workers)) {
            int longLived = backend.memory().openArenas();
            DivergedException diverged =
                    assertThrows(
                            DivergedException.class,
                            () ->
                                    trainer.run(
                                            _ -> {
                                                remember(before);
                                                return data;
                                            },
                                            Check.NONE,
                                            List.of()));
            before.forEach((name, values) -> assertArrayEquals(values, weights(name), name));
            assertEquals(diverged.step() - 1, trainer.steps(), "steps made");
            assertEquals(longLived, backend.memory().openArenas(), "arenas");
            return diverged;
        }
    }

    private void remember(Map<String, float[]> values) {
        model.parameters().names().forEach(name -> values.put(name, weights(name)));
    }

    @Test
    void namesStepAndTermForAWeightThatIsNoNumber() {
        Buffer norm = model.parameters().get("model.norm.weight").buffer();
        backend.elementwise().fill(Double.NaN, norm.slice(3, 1));
        DivergedException diverged = diverge(new NextToken(), RATE, StepBatch.main(batch));
        assertEquals(1, diverged.step());
        assertEquals(
                "training diverged at step 1: ce is NaN, expected a finite number; lower the"
                        + " learning rate",
                diverged.getMessage());
    }

    @Test
    void namesTheStepAtWhichAHugeRateDiverges() {
        StepBatch data = StepBatch.forgetAndRetain(batch, batch);
        Schedule huge = new Schedule.Constant(1e37, 0);
        DivergedException diverged = diverge(new GradDiff(1), huge, data);
        assertTrue(diverged.step() > 1, diverged.getMessage());
        // The soft-cap keeps the loss finite; what goes first is its slope.
        assertEquals(
                "training diverged at step %d: the gradient norm is NaN, expected a finite number;"
                        .formatted(diverged.step())
                        + " lower the learning rate",
                diverged.getMessage());
    }

    /// Square roots of weights that are 0: the value is finite, the slope is not.
    private record RootOfZero() implements CustomObjective {
        @Override
        public SequencedMap<String, Double> denominators(StepBatch whole) {
            return new LinkedHashMap<>(Map.of("root", 1.0));
        }

        @Override
        public LossTerms terms(
                Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
            Tensor weight = model.parameters().get("model.norm.weight");
            return LossTerms.of(
                    new LossTerms.Term("root", 1, Sum.sum(Power.power(weight, 0.5))));
        }
    }

    @Test
    void namesTheGradientWhenTheLossIsStillFinite() {
        backend.elementwise().fill(0, model.parameters().get("model.norm.weight").buffer());
        DivergedException diverged = diverge(new RootOfZero(), RATE, StepBatch.main(batch));
        assertEquals(
                "training diverged at step 1: the gradient norm is Infinity, expected a finite"
                        + " number; lower the learning rate",
                diverged.getMessage());
    }
}
