package dev.lethe.model.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.NextToken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// BF16 with masters learns as F32 does; without masters it loses what is too small (PAPER 1.8).
class MixedPrecisionTest {
    /// The lowest rate of the paper's attacks.
    private static final double WEAK = 4e-6;

    private static final double UNIT_ROUNDOFF = 0x1p-8;

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers one = new Workers(1);

    @AfterEach
    void nothingStaysOpen() {
        one.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private static StepBatch batch(long step) {
        return StepBatch.main(TinyGemma2.batch(100 + step, 6, 6, 2, 5, 6));
    }

    private void train(Gemma2 model, TrainingPlan plan, BatchSource data, List<Double> losses) {
        try (Trainer trainer = new Trainer(model, new NextToken(), plan, one)) {
            trainer.run(data, Check.NONE, List.of(report -> losses.add(report.loss())));
        }
    }

    private static TrainingPlan plan(long steps, double rate) {
        return TrainingPlan.of(steps, 2, new Schedule.Constant(rate, 0));
    }

    private static double[] values(Parameters parameters) {
        return parameters.names().stream()
                .flatMapToDouble(name -> Arrays.stream(parameters.get(name).toDoubles()))
                .toArray();
    }

    /// In 5 steps Adam's moves are at most 1.02 rates each (Cauchy and Schwarz on the two
    /// averages), and rounding the moments adds little: below 1.05. A weight of [2^e, 2^(e+1)) has
    /// neighbours at least 2^(e-8) away, so a move below 2^(e-9) is lost, every time anew.
    @Test
    void withoutMastersSmallUpdatesAreLost() {
        try (Gemma2 model = TinyGemma2.random(backend, Precision.BF16_PURE, 21)) {
            double[] before = values(model.parameters());
            train(model, plan(5, WEAK), MixedPrecisionTest::batch, new ArrayList<>());
            double[] after = values(model.parameters());
            int held = 0;
            int moved = 0;
            for (int i = 0; i < before.length; i++) {
                if (Math.scalb(1.0, Math.getExponent(before[i]) - 9) > 1.05 * WEAK) {
                    assertEquals(before[i], after[i], "weight " + i);
                    held++;
                } else if (before[i] != after[i]) {
                    moved++;
                }
            }
            assertTrue(held > 0.95 * before.length, held + " of " + before.length);
            assertTrue(moved > 0, "small weights move");
        }
    }

    @Test
    void mastersKeepThem() {
        try (Gemma2 model = TinyGemma2.random(backend, Precision.BF16, 21)) {
            double[] before = values(model.masters());
            double[] rounded = values(model.parameters());
            train(model, plan(5, WEAK), MixedPrecisionTest::batch, new ArrayList<>());
            double[] after = values(model.masters());
            double[] weights = values(model.parameters());
            int moved = 0;
            int shown = 0;
            for (int i = 0; i < before.length; i++) {
                moved += before[i] != after[i] ? 1 : 0;
                shown += rounded[i] != weights[i] ? 1 : 0;
                assertEquals(BFloat16.round(after[i]), weights[i], "weight " + i);
            }
            assertEquals(DType.F32, model.masters().dtype());
            // All but the embedding of the id that never occurs, whose gradient is not 0 either.
            assertTrue(moved > 0.95 * before.length, moved + " of " + before.length);
            assertTrue(shown > 0, "some weights cross to the next number");
        }
    }

    /// Twenty steps go where F32 goes, by probabilistic rounding analysis (Higham and Mary 2019,
    /// theorem 2.4): a chain of R roundings is off by at most `rho = lambda sqrt(R) u` of itself,
    /// but for a chance of `2 exp(-lambda^2 / 2)`.
    ///
    /// On the way through a layer 13 results and 8 tensors of weights are rounded, and 4 of these
    /// outside the layers. A loss is the mean over N targets of differences of two logits of size
    /// Z: off by `2 rho Z / sqrt(N)` where it is evaluated. A gradient off by rho in the mean moves
    /// each weight by that share of a step, and the loss by that share of what it has fallen; AdamW
    /// divides by the root mean square, which for normal gradients is 1.25 times their mean size.
    @Test
    void tracksF32() {
        int[] ids = {1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6};
        Batch counting = Batch.shifted(3, 4, ids, new int[] {4, 4, 4}).withoutLastColumn();
        List<Double> f32 = new ArrayList<>();
        List<Double> bf16 = new ArrayList<>();
        double size;
        try (Gemma2 model = TinyGemma2.random(backend, Precision.F32, 21)) {
            train(model, plan(20, 3e-3), _ -> StepBatch.main(counting), f32);
            size = logitSize(model, counting);
        }
        try (Gemma2 model = TinyGemma2.random(backend, Precision.BF16, 21)) {
            train(model, plan(20, 3e-3), _ -> StepBatch.main(counting), bf16);
        }
        double roundings = 21 * TinyGemma2.CONFIG.layers() + 4;
        double rho = 2 * Math.sqrt(roundings) * UNIT_ROUNDOFF;
        double evaluated = 2 * rho * size / Math.sqrt(counting.targetCount());
        for (int i = 0; i < 20; i++) {
            double fallen = f32.getFirst() - f32.get(i);
            assertEquals(f32.get(i), bf16.get(i), evaluated + 1.25 * rho * fallen, "step " + i);
        }
        assertTrue(f32.getLast() < f32.getFirst() - 1.5, "it learns: " + f32);
    }

    /// Root mean square of all logits.
    private double logitSize(Gemma2 model, Batch batch) {
        try (TensorArena _ = backend.openStep()) {
            Tensor ids = Tensor.ofInts(Shape.of(batch.rows(), batch.tokens()), batch.ids());
            double[] logits =
                    Recording.off(() -> model.head(model.forward(ids).lastHidden()).logits())
                            .toDoubles();
            return Math.sqrt(Arrays.stream(logits).map(z -> z * z).average().orElseThrow());
        }
    }

    /// Losses, and logits for generation, are F32 whatever the weights are.
    @Test
    void lossesAndLogitsAreF32() {
        try (Gemma2 model = TinyGemma2.random(backend, Precision.BF16, 21);
                TensorArena _ = backend.openStep()) {
            Batch batch = TinyGemma2.batch(3, 6, 6, 4);
            Tensor ids = Tensor.ofInts(Shape.of(batch.rows(), batch.tokens()), batch.ids());
            Tensor hidden = model.forward(ids).lastHidden();
            assertEquals(DType.BF16, hidden.dtype());
            assertEquals(DType.F32, model.head(hidden).logits().dtype());
            NextToken objective = new NextToken();
            StepBatch step = StepBatch.main(batch);
            LossTerms terms = objective.terms(model, step, objective.denominators(step));
            assertEquals(DType.F32, terms.total().dtype());
        }
    }

    /// Sharpness-aware steps move the masters, and come back to their very bits.
    @Test
    void excursionsMoveMasters() {
        try (Gemma2 model = TinyGemma2.random(backend, Precision.BF16, 21);
                Excursion excursion = new Excursion(model, one);
                Parameters direction = model.masters().zerosLike()) {
            backend.elementwise().fill(1, direction.flat());
            double[] masters = values(model.masters());
            double[] weights = values(model.parameters());
            excursion.depart(0.25, direction);
            double[] away = values(model.parameters());
            for (int i = 0; i < masters.length; i++) {
                float there = (float) masters[i] + 0.25f;
                assertEquals(BFloat16.round(there), away[i], "weight " + i);
            }
            excursion.comeHome();
            assertArrayEquals(masters, values(model.masters()));
            assertArrayEquals(weights, values(model.parameters()));
        }
    }
}
