package dev.lethe.model.gradients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.objective.JointTerm;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.OutputTerm;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.RepNoise;
import dev.lethe.model.spectra.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Gauss-Newton products of terms that read several outputs together, less those of the objective
/// that RepNoise is built on.
class RepNoiseCurvatureTest {
    private static final int TOKENS = 6;
    private static final int[] LENGTHS = {6, 3, 5, 1};
    private static final long SEED = 77;
    private static final MaxEnt BASE = new MaxEnt(1.3, Positions.TARGETS);
    private static final Batch FORGET = TinyGemma2.batch(1, TOKENS, LENGTHS);
    private static final StepBatch BATCH =
            StepBatch.forgetAndRetain(FORGET, TinyGemma2.batch(2, 5, 5, 2, 4)).at(3);

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers workers = new Workers(2);
    private final Gemma2 model = TinyGemma2.random(backend, DType.F64, 31);
    private final Coordinates all = Coordinates.of(model.parameters());

    @AfterEach
    void nothingStaysOpen() {
        workers.close();
        model.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private double[] random(int seed, int size) {
        PhiloxStream stream = new PhiloxStream(seed, Purpose.PROBE, 99);
        double[] v = new double[size];
        Arrays.setAll(v, i -> 0.3 * stream.normal(i));
        return v;
    }

    private LossSurface surface(Objective objective, List<String> selected) {
        return LossSurface.of(new Point(model, objective, BATCH), selected, workers);
    }

    private double[] added(RepNoise noised, List<String> selected, Product product) {
        try (LossSurface with = surface(noised, selected);
                LossSurface without = surface(BASE, selected)) {
            return Vectors.difference(product.of(with), product.of(without));
        }
    }

    private interface Product {
        double[] of(LossSurface surface);
    }

    /// The outputs that a term reads, one after another.
    private double[] outputs(JointTerm term) {
        try (TensorArena _ = backend.openStep()) {
            return Recording.off(() -> term.read(model, BATCH, FORGET.targetCount()))
                    .values()
                    .stream()
                    .flatMapToDouble(o -> DoubleStream.of(o.toDoubles()))
                    .toArray();
        }
    }

    /// The outputs' derivative along v.
    private Richardson moved(JointTerm term, double[] v) {
        double[] start = all.read(model.parameters());
        return Richardson.derivative(
                t -> {
                    double[] at = start.clone();
                    Vectors.addTo(t, v, at);
                    all.write(at, model.parameters());
                    double[] outputs = outputs(term);
                    all.write(start, model.parameters());
                    return outputs;
                },
                1e-2);
    }

    /// `a H_o b` from differences of a loss in plain loops.
    private static Richardson mixed(
            ToDoubleFunction<double[]> loss, double[] outputs, double[] a, double[] b) {
        return Richardson.derivative(
                s ->
                        Richardson.derivative(
                                        t -> {
                                            double[] at = outputs.clone();
                                            Vectors.addTo(s, a, at);
                                            Vectors.addTo(t, b, at);
                                            return new double[] {loss.applyAsDouble(at)};
                                        },
                                        0.05)
                                .value(),
                0.05);
    }

    private void requireProduct(RepNoise noised, int term, ToDoubleFunction<double[]> loss) {
        JointTerm joint = noised.jointTerms().get(term);
        double[] v = random(5, all.dimension());
        double[] x = random(6, all.dimension());
        double[] outputs = outputs(joint);
        double[] alongX = moved(joint, x).value();
        double[] alongV = moved(joint, v).value();
        Richardson found = mixed(loss, outputs, alongX, alongV);
        double[] expected = {joint.weight() * found.value()[0]};
        double[] product = added(noised, all.names(), s -> s.gaussNewtonTimes(v));
        Differences.requireClose(
                joint.name() + " x G v",
                new Richardson(expected, Math.abs(joint.weight()) * found.error()),
                new double[] {Vectors.dot(x, product)},
                1e-6);
    }

    @Test
    void noiseIsThatOfDifferencesAtAFixedWidth() {
        RepNoise noised = new RepNoise(BASE, 0, 1.7, SEED);
        PlainNoise plain = new PlainNoise(model, FORGET, LENGTHS, SEED, BATCH.step());
        double[] widths = plain.widths(outputs(noised.jointTerms().getFirst()));
        requireProduct(noised, 0, o -> plain.distance(o, widths));
    }

    @Test
    void ascentIsThatOfDifferences() {
        requireProduct(new RepNoise(BASE, 0.8, 0, SEED), 1, RepNoiseCurvatureTest::ascent);
    }

    /// Cross-entropies of all depths, the first counted twice, in plain loops.
    private static double ascent(double[] logits) {
        int depths = TinyGemma2.CONFIG.layers() + 1;
        int rows = FORGET.ids().length;
        double sum = 0;
        for (int depth = 0; depth < depths; depth++) {
            double ce = 0;
            for (int row = 0; row < rows; row++) {
                int target = FORGET.targets()[row];
                int from = (depth * rows + row) * TinyGemma2.VOCABULARY;
                if (target >= 0) {
                    double mass = 0;
                    for (int i = 0; i < TinyGemma2.VOCABULARY; i++) {
                        mass += Math.exp(logits[from + i]);
                    }
                    ce += Math.log(mass) - logits[from + target];
                }
            }
            sum += (depth == 0 ? 2 : 1) * ce / FORGET.targetCount();
        }
        return Math.log(sum / depths + 1);
    }

    /// Outputs of the last MLP are linear in its down projection, so that there the model adds no
    /// curvature of its own: the dense matrices are equal, and symmetric.
    @Test
    void noiseHasTheHessianWhereOutputsAreLinear() {
        List<String> selected = List.of("model.layers.2.mlp.down_proj.weight");
        RepNoise noised = new RepNoise(BASE, 0, 1.7, SEED);
        int size = Coordinates.of(model.parameters(), selected).dimension();
        double[][] dense = new double[size][];
        double largest = 0;
        for (int i = 0; i < size; i++) {
            double[] unit = new double[size];
            unit[i] = 1;
            dense[i] = added(noised, selected, s -> s.gaussNewtonTimes(unit));
            double[] hessian = added(noised, selected, s -> s.hessianTimes(unit));
            for (int j = 0; j < size; j++) {
                largest = Math.max(largest, Math.abs(hessian[j]));
                assertEquals(hessian[j], dense[i][j], 1e-13);
            }
        }
        assertTrue(largest > 1e-4, "something to compare: " + largest);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < i; j++) {
                assertEquals(dense[i][j], dense[j][i], 1e-14);
            }
        }
    }

    /// Split and fused terms are the same numbers.
    @Test
    void outputsGiveTheTermsThatTrainingSteps() {
        RepNoise noised = new RepNoise(BASE, 0.8, 1.7, SEED);
        var denominators = noised.denominators(BATCH);
        try (TensorArena _ = backend.openStep()) {
            var fused = noised.terms(model, BATCH, denominators).terms();
            List<JointTerm> joint = noised.jointTerms();
            for (int i = 0; i < joint.size(); i++) {
                var term = fused.get(fused.size() - joint.size() + i);
                assertEquals(term.name(), joint.get(i).name());
                assertEquals(term.weight(), joint.get(i).weight());
                double value =
                        joint.get(i)
                                .read(model, BATCH, denominators.get(term.name()))
                                .loss()
                                .item();
                assertEquals(term.value().item(), value, 1e-13);
            }
        }
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> OutputTerm.of(noised));
        assertEquals(
                "output terms: expected an objective whose terms are sums over rows, got RepNoise"
                    + " with [repnoise_mmd, repnoise_ascent]; study what it is built on",
                refusal.getMessage());
    }
}
