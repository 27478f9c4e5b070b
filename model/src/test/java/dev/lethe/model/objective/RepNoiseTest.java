package dev.lethe.model.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// RepNoise over MaxEnt, against its formula in plain Java and against finite differences.
class RepNoiseTest {
    private static final long SEED = 77;
    private static final double ALPHA = 0.8;
    private static final double BETA = 1.7;
    private static final int[] LENGTHS = {6, 3, 5, 1};
    private static final Batch FORGET = TinyGemma2.batch(1, 6, LENGTHS);
    private static final StepBatch BATCH =
            StepBatch.forgetAndRetain(FORGET, TinyGemma2.batch(2, 5, 5, 2, 4)).at(3);
    private static final MaxEnt BASE = new MaxEnt(1.3, Positions.TARGETS);
    private static final RepNoise NOISED = new RepNoise(BASE, ALPHA, BETA, SEED);

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Gemma2 model = TinyGemma2.random(backend, DType.F64, 31);

    @AfterEach
    void nothingStaysOpen() {
        model.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private Map<String, Double> values(Objective objective, StepBatch batch) {
        try (TensorArena _ = backend.openStep()) {
            return Recording.off(
                    () -> {
                        Map<String, Double> values = new HashMap<>();
                        objective
                                .terms(model, batch, objective.denominators(batch))
                                .terms()
                                .forEach(term -> values.put(term.name(), term.value().item()));
                        return values;
                    });
        }
    }

    /// A layer's sample: the outputs of its MLP, or the noise of the same places, padding 0.
    private record Samples(double[] mlp, double[] noise) {}

    private List<Samples> samples() {
        int width = model.config().hiddenSize();
        PhiloxStream draws =
                new PhiloxStream(SEED, Purpose.REPRESENTATION_NOISE, (int) BATCH.step());
        List<Samples> samples = new ArrayList<>();
        try (TensorArena _ = backend.openStep()) {
            var layers =
                    Recording.off(() -> model.forward(Forward.ids(FORGET)).layers());
            for (int layer = 0; layer < layers.size(); layer++) {
                double[] mlp = layers.get(layer).mlp().toDoubles();
                double[] noise = new double[mlp.length];
                for (int i = 0; i < mlp.length; i++) {
                    boolean counts = i / width % 6 < LENGTHS[i / width / 6];
                    mlp[i] = counts ? mlp[i] : 0;
                    noise[i] = counts ? draws.normal((long) layer * mlp.length + i) : 0;
                }
                samples.add(new Samples(mlp, noise));
            }
        }
        return samples;
    }

    private double meanMmd(double[] widths) {
        List<Samples> samples = samples();
        double sum = 0;
        for (int i = 0; i < widths.length; i++) {
            Samples of = samples.get(i);
            sum += PlainMmd.between(LENGTHS.length, of.mlp(), of.noise(), widths[i]);
        }
        return sum / widths.length;
    }

    private double[] widths() {
        return samples().stream()
                .mapToDouble(of -> PlainMmd.width(LENGTHS.length, of.mlp(), of.noise()))
                .toArray();
    }

    @Test
    void noiseIsTheMeanDiscrepancyOfTheLayers() {
        double term = values(NOISED, BATCH).get("repnoise_mmd");
        assertEquals(meanMmd(widths()), term, 1e-12);
        assertTrue(term > 0.1, "something to measure: " + term);
    }

    /// Soft-capped logits of the final norm of each depth, in scalars.
    @Test
    void ascentIsTheLogOfTheMeanCrossEntropyOfAllDepths() {
        List<double[]> streams = new ArrayList<>();
        try (TensorArena _ = backend.openStep()) {
            var activations = Recording.off(() -> model.forward(Forward.ids(FORGET)));
            streams.add(activations.embeddings().toDoubles());
            activations.layers().forEach(layer -> streams.add(layer.residual().toDoubles()));
        }
        double sum = 0;
        for (double[] stream : streams) {
            sum += crossEntropy(stream);
        }
        sum += crossEntropy(streams.getLast()); // the model's own
        assertEquals(
                Math.log(sum / 4 + 1), values(NOISED, BATCH).get("repnoise_ascent"), 1e-12);
    }

    private double crossEntropy(double[] stream) {
        double[] gain = model.parameters().get("model.norm.weight").toDoubles();
        double[] table = model.parameters().get("model.embed_tokens.weight").toDoubles();
        int width = gain.length;
        double sum = 0;
        for (int at = 0; at < FORGET.ids().length; at++) {
            if (FORGET.targets()[at] < 0) {
                continue;
            }
            double square = 0;
            for (int k = 0; k < width; k++) {
                square += stream[at * width + k] * stream[at * width + k];
            }
            double scale = 1 / Math.sqrt(square / width + model.config().rmsNormEpsilon());
            double partition = 0;
            double ofTarget = 0;
            for (int v = 0; v < TinyGemma2.VOCABULARY; v++) {
                double dot = 0;
                for (int k = 0; k < width; k++) {
                    double normed = stream[at * width + k] * scale * (1 + gain[k]);
                    dot += normed * table[v * width + k];
                }
                double logit = 4 * Math.tanh(dot / 4);
                partition += Math.exp(logit);
                ofTarget = v == FORGET.targets()[at] ? logit : ofTarget;
            }
            sum += Math.log(partition) - ofTarget;
        }
        return sum / FORGET.targetCount();
    }

    @Test
    void addsItsTermsToThoseOfTheBase() {
        try (TensorArena _ = backend.openStep()) {
            LossTerms terms = NOISED.terms(model, BATCH, NOISED.denominators(BATCH));
            assertEquals(
                    List.of(
                            "forget_kl_uniform", "retain_ce", "repnoise_mmd", "repnoise_ascent"),
                    terms.terms().stream().map(LossTerms.Term::name).toList());
            assertEquals(
                    List.of(1.0, 1.3, BETA, -ALPHA),
                    terms.terms().stream().map(LossTerms.Term::weight).toList());
            SequencedMap<String, Double> denominators = NOISED.denominators(BATCH);
            assertEquals(16, denominators.get("repnoise_mmd"));
            assertEquals(FORGET.targetCount(), denominators.get("repnoise_ascent"));
        }
        Map<String, Double> base = values(BASE, BATCH);
        Map<String, Double> noised = values(NOISED, BATCH);
        base.forEach((name, value) -> assertEquals(value, noised.get(name), name));
    }

    /// The loss with kernels of a given width, which is what the gradient takes as constant.
    private double loss(double[] widths) {
        Map<String, Double> values = values(NOISED, BATCH);
        return values.get("forget_kl_uniform")
                + 1.3 * values.get("retain_ce")
                + BETA * meanMmd(widths)
                - ALPHA * values.get("repnoise_ascent");
    }

    @Test
    void agreesWithFiniteDifferencesAlongRandomDirections() {
        Parameters parameters = model.parameters();
        List<String> names = parameters.names();
        Map<String, double[]> gradient = new HashMap<>();
        try (TensorArena _ = backend.openStep()) {
            Tensor total = NOISED.terms(model, BATCH, NOISED.denominators(BATCH)).total();
            Gradients of = Autograd.gradients(total, parameters.get(names));
            names.forEach(name -> gradient.put(name, of.of(parameters.get(name)).toDoubles()));
        }
        double[] widths = widths();
        try (Parameters start = parameters.copy()) {
            for (int seed = 0; seed < 3; seed++) {
                double expected = 0;
                for (int p = 0; p < names.size(); p++) {
                    PhiloxStream draws = new PhiloxStream(seed, Purpose.PROBE, p);
                    double[] g = gradient.get(names.get(p));
                    for (int i = 0; i < g.length; i++) {
                        expected += g[i] * draws.normal(i);
                    }
                }
                double h = 1e-5;
                double[] at = new double[5];
                for (int k = -2; k <= 2; k++) {
                    move(start, seed, k * h);
                    at[k + 2] = loss(widths);
                }
                double actual = (at[0] - 8 * at[1] + 8 * at[3] - at[4]) / (12 * h);
                assertTrue(Math.abs(expected) > 1e-2, "a direction that matters: " + expected);
                assertEquals(expected, actual, 1e-7 * Math.abs(expected));
            }
        }
    }

    /// `parameters = start + step direction`.
    private void move(Parameters start, long seed, double step) {
        Parameters parameters = model.parameters();
        try (TensorArena _ = backend.openStep()) {
            for (int p = 0; p < parameters.specs().size(); p++) {
                String name = parameters.names().get(p);
                PhiloxStream draws = new PhiloxStream(seed, Purpose.PROBE, p);
                double[] moved = start.get(name).toDoubles();
                for (int i = 0; i < moved.length; i++) {
                    moved[i] += step * draws.normal(i);
                }
                Shape shape = parameters.get(name).shape();
                backend.elementwise()
                        .copy(
                                Tensor.of(DType.F64, shape, moved).buffer(),
                                parameters.get(name).buffer());
            }
        }
        parameters.flat().markChanged();
    }

    @Test
    void isAFunctionOfSeedAndStep() {
        Map<String, Double> once = values(NOISED, BATCH);
        assertEquals(once, values(NOISED, BATCH));
        assertEquals(once, values(NOISED, BATCH.part(0, 1)));
        double mmd = once.get("repnoise_mmd");
        assertNotEquals(mmd, values(NOISED, BATCH.at(4)).get("repnoise_mmd"));
        RepNoise other = new RepNoise(BASE, ALPHA, BETA, SEED + 1);
        assertNotEquals(mmd, values(other, BATCH).get("repnoise_mmd"));
        assertEquals(
                once.get("repnoise_ascent"), values(NOISED, BATCH.at(4)).get("repnoise_ascent"));
    }

    /// The trainer says which step it is, so two steps on one batch see two noises.
    @Test
    void theTrainerTellsItTheStep() {
        TrainingPlan plan = TrainingPlan.of(2, 1, new Schedule.Constant(0, 0));
        try (Workers workers = new Workers(1);
                Trainer trainer = new Trainer(model, NOISED, plan, workers)) {
            for (int step = 0; step < 2; step++) {
                double expected = values(NOISED, BATCH.at(step)).get("repnoise_mmd");
                assertEquals(expected, trainer.step(BATCH).terms().get("repnoise_mmd"));
            }
        }
    }

    @Test
    void needsItsBatchWhole() {
        TrainingPlan plan = TrainingPlan.of(1, 4, new Schedule.Constant(1e-3, 0));
        try (Workers workers = new Workers(1)) {
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> new Trainer(model, NOISED, plan, workers))
                            .getMessage();
            assertEquals(
                    "training: RepNoise is no sum over rows and needs its batch whole; expected microBatches 1, got 4",
                    message);
        }
    }

    @Test
    void refusesWeightsThatAreNone() {
        for (double wrong : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(
                    IllegalArgumentException.class, () -> new RepNoise(BASE, wrong, 1, SEED));
            assertThrows(
                    IllegalArgumentException.class, () -> new RepNoise(BASE, 1, wrong, SEED));
        }
        String message =
                assertThrows(IllegalArgumentException.class, () -> new RepNoise(NOISED, SEED))
                        .getMessage();
        assertEquals(
                "repnoise: base: expected an objective that is a sum over rows, got RepNoise; noise it once",
                message);
    }
}
