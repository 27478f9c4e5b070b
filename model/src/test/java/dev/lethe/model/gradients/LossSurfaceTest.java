package dev.lethe.model.gradients;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.UnsplitObjective;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.RepNoise;
import dev.lethe.model.objective.Rmu;
import dev.lethe.model.spectra.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Every product of a loss surface against Richardson's differences of the derivative one order
/// below, in F64, for every kind of term.
class LossSurfaceTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers workers = new Workers(2);
    private final Gemma2 model = TinyGemma2.random(backend, DType.F64, 11);
    private final Gemma2 other = TinyGemma2.random(backend, DType.F64, 12);
    private final StepBatch batch = TinyGemma2.allRoles();

    @AfterEach
    void nothingStaysOpen() {
        workers.close();
        model.close();
        other.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private LossSurface surface(Objective objective) {
        return LossSurface.of(new Point(model, objective, batch), workers);
    }

    /// A function of the point `start + t v`.
    private DoubleFunction<double[]> along(double[] v, Supplier<double[]> function) {
        Coordinates all = Coordinates.of(model.parameters());
        double[] start = all.read(model.parameters());
        return t -> {
            double[] at = start.clone();
            Vectors.addTo(t, v, at);
            all.write(at, model.parameters());
            double[] value = function.get();
            all.write(start, model.parameters());
            return value;
        };
    }

    private double[] random(int seed) {
        PhiloxStream stream = new PhiloxStream(seed, Purpose.PROBE, 99);
        double[] v = new double[Coordinates.of(model.parameters()).dimension()];
        Arrays.setAll(v, i -> 0.3 * stream.normal(i));
        return v;
    }

    private Objective rmu() {
        double[] u = new double[12];
        u[3] = 1;
        return new Rmu(new Rmu.Target(1, 0.8, u), 1.2, other);
    }

    @Test
    void gradientAndHessianAreThoseOfDifferences() {
        double[] v = random(1);
        for (Objective objective :
                List.of(new GradDiff(0.7), new MaxEnt(1.3, Positions.ALL), rmu())) {
            try (LossSurface surface = surface(objective)) {
                double[] slope = {Vectors.dot(surface.gradient(), v)};
                Differences.requireClose(
                        objective + " g v",
                        Richardson.derivative(along(v, () -> new double[] {surface.loss()}), 1e-2),
                        slope,
                        1e-8);
                Differences.requireClose(
                        objective + " H v",
                        Richardson.derivative(along(v, surface::gradient), 1e-2),
                        surface.hessianTimes(v),
                        1e-8);
            }
        }
    }

    @Test
    void thirdDerivativeIsThatOfDifferences() {
        double[] v = random(2);
        double[] w = random(3);
        try (LossSurface surface = surface(new MaxEnt(1.3, Positions.TARGETS))) {
            Differences.requireClose(
                    "T(v, w)",
                    Richardson.derivative(along(w, () -> surface.hessianTimes(v)), 1e-2),
                    surface.thirdTimes(v, w),
                    1e-8);
        }
    }

    /// At a teacher that is the student, distillation is at its goal: the residual p - q is zero,
    /// so the Hessian is the Gauss-Newton matrix exactly.
    @Test
    void gaussNewtonIsTheHessianAtTheGoal() {
        double[] v = random(4);
        try (LossSurface distill = surface(new Distill(model, Positions.ALL))) {
            assertTrue(Vectors.norm(distill.gradient()) < 1e-14);
            assertClose(distill.hessianTimes(v), distill.gaussNewtonTimes(v), 1e-12);
        }
    }

    /// `x G v` with the logits' Jacobian products taken from differences, and the softmax's
    /// curvature written out in plain loops, for forget and retain terms with their weights.
    @Test
    void gaussNewtonIsThatOfDifferences() {
        double[] v = random(5);
        double[] x = random(6);
        for (Objective objective :
                List.of(
                        new GradDiff(0.7),
                        new MaxEnt(1.3, Positions.ALL),
                        new Distill(other, Positions.TARGETS),
                        rmu())) {
            try (LossSurface surface = surface(objective)) {
                PlainCurvature plain = new PlainCurvature(surface.point());
                Richardson alongV = Richardson.derivative(along(v, plain::outputs), 1e-2);
                Richardson alongX = Richardson.derivative(along(x, plain::outputs), 1e-2);
                double[] expected = {plain.product(alongX.value(), alongV.value())};
                double error = Math.max(alongV.error(), alongX.error());
                Differences.requireClose(
                        objective + " x G v",
                        new Richardson(expected, error),
                        new double[] {Vectors.dot(x, surface.gaussNewtonTimes(v))},
                        1e-8);
            }
        }
    }

    @Test
    void forgetAndRetainTurnEachOther() {
        StepBatch forgetRows = StepBatch.main(batch.get(Role.FORGET));
        StepBatch retainRows = StepBatch.main(batch.get(Role.RETAIN));
        double[] v = random(7);
        try (LossSurface forget =
                        LossSurface.of(new Point(model, new NextToken(), forgetRows), workers);
                LossSurface retain =
                        LossSurface.of(new Point(model, new NextToken(), retainRows), workers)) {
            GradientAlignment found = GradientAlignment.of(forget, retain);
            Differences.requireClose(
                    "H_r g_f",
                    Richardson.derivative(along(found.forgetGradient(), retain::gradient), 1e-2),
                    found.retainHessianForgetGradient(),
                    1e-8);
            Differences.requireClose(
                    "H_f g_r",
                    Richardson.derivative(along(found.retainGradient(), forget::gradient), 1e-2),
                    found.forgetHessianRetainGradient(),
                    1e-8);
            Differences.requireClose(
                    "cosine along v",
                    Richardson.derivative(
                            along(
                                    v,
                                    () ->
                                            new double[] {
                                                Vectors.cosine(
                                                        forget.gradient(), retain.gradient())
                                            }),
                            1e-2),
                    new double[] {Vectors.dot(found.cosineGradient(), v)},
                    1e-8);
            assertEquals(
                    found.cosine(),
                    Vectors.cosine(found.forgetGradient(), found.retainGradient()),
                    1e-15);
        }
    }

    @Test
    void bitsDoNotDependOnWorkersAndSelectionIsAPartOfTheWhole() {
        double[] v = random(8);
        List<String> selected = List.of("model.norm.weight", "model.layers.1.mlp.up_proj.weight");
        Point point = new Point(model, new GradDiff(0.7), batch);
        Coordinates some = Coordinates.of(model.parameters(), selected);
        try (LossSurface all = surface(point.objective());
                Workers one = new Workers(1);
                LossSurface alone = LossSurface.of(point, one);
                LossSurface part = LossSurface.of(point, selected, workers)) {
            assertArrayEquals(all.gaussNewtonTimes(v), alone.gaussNewtonTimes(v));
            assertArrayEquals(all.thirdTimes(v, v), alone.thirdTimes(v, v));
            double[] few = new double[some.dimension()];
            double[] wide = new double[v.length];
            for (String name : some.names()) {
                Coordinates.Span from = all.coordinates().span(name);
                Coordinates.Span to = some.span(name);
                System.arraycopy(v, from.from(), few, to.from(), to.length());
                System.arraycopy(v, from.from(), wide, from.from(), to.length());
            }
            double[] product = part.hessianTimes(few);
            double[] whole = all.hessianTimes(wide);
            for (String name : some.names()) {
                Coordinates.Span from = all.coordinates().span(name);
                Coordinates.Span to = some.span(name);
                assertArrayEquals(
                        Arrays.copyOfRange(whole, from.from(), from.from() + from.length()),
                        Arrays.copyOfRange(product, to.from(), to.from() + to.length()),
                        1e-14);
            }
        }
    }

    /// In F32 the products are F32's, near those of F64.
    @Test
    void worksInSinglePrecision() {
        double[] v = random(9);
        Objective objective = new MaxEnt(1.3, Positions.ALL);
        try (Gemma2 narrow = TinyGemma2.random(backend, DType.F32, 11);
                Gemma2 wide = Gemma2.allocate(TinyGemma2.CONFIG, backend, DType.F64)) {
            wide.parameters().copyFrom(narrow.parameters());
            try (LossSurface exact = LossSurface.of(new Point(wide, objective, batch), workers);
                    LossSurface rounded =
                            LossSurface.of(new Point(narrow, objective, batch), workers)) {
                assertClose(exact.hessianTimes(v), rounded.hessianTimes(v), 1e-4);
                assertClose(exact.gaussNewtonTimes(v), rounded.gaussNewtonTimes(v), 1e-4);
                assertEquals(exact.loss(), rounded.loss(), 1e-5);
            }
        }
    }

    @Test
    void saysWhatAnObjectiveLacks() {
        Objective unsplit = new UnsplitObjective(new MaxEnt(1, Positions.ALL));
        for (Objective objective : List.of(unsplit, new RepNoise(unsplit, 1, 0, 5))) {
            try (LossSurface surface = surface(objective)) {
                assertFalse(surface.hasGaussNewton());
                IllegalArgumentException refusal =
                        assertThrows(
                                IllegalArgumentException.class,
                                () -> surface.gaussNewtonTimes(random(1)));
                assertEquals(
                        "output terms: expected an objective that states its terms as functions of"
                            + " the model's output, got UnsplitObjective; override outputTerms",
                        refusal.getMessage());
            }
        }
        try (LossSurface surface = surface(unsplit)) {
            assertThrows(
                    IllegalArgumentException.class, () -> surface.hessianTimes(new double[3]));
        }
    }

    private static void assertClose(double[] expected, double[] actual, double tolerance) {
        double distance = Vectors.norm(Vectors.difference(expected, actual));
        double size = Vectors.norm(expected);
        assertTrue(
                distance <= tolerance * size,
                () -> "off by %.2e of %.2e".formatted(distance, size));
    }
}
