package dev.lethe.model.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.UnsplitObjective;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.spectra.Lanczos;
import dev.lethe.model.spectra.SpectralDistribution;
import dev.lethe.model.spectra.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CurvatureStudyTest {
    private static final List<String> SELECTED =
            List.of("model.layers.1.mlp.down_proj.weight", "model.norm.weight");
    private static final Curvature.Plan PLAN =
            new Curvature.Plan(
                    new Lanczos.Plan(3, Lanczos.End.LARGEST, 1e-9, 60, 1),
                    new SpectralDistribution.Plan(3, 12, 2),
                    4);

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers workers = new Workers(2);
    private final Gemma2 model = TinyGemma2.random(backend, DType.F64, 21);
    private final StepBatch batch =
            StepBatch.of(
                    Map.of(
                            Role.FORGET, TinyGemma2.batch(2, 5, 5, 3),
                            Role.RETAIN, TinyGemma2.batch(3, 4, 4, 2)));

    @AfterEach
    void nothingStaysOpen() {
        workers.close();
        model.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    @Test
    void spectraFitTheirMatrices() {
        Point point = new Point(model, new MaxEnt(1, Positions.ALL), batch);
        List<String> phases = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        Curvature found =
                new GradientStudy(workers)
                        .curvature(
                                point,
                                SELECTED,
                                PLAN,
                                phase -> {
                                    phases.add(phase);
                                    return (done, most) -> {
                                        assertTrue(done <= most);
                                        counts.add(done);
                                    };
                                });
        assertEquals(
                List.of(
                        "Hessian, eigenpairs",
                        "Hessian, distribution",
                        "Hessian, trace",
                        "Gauss-Newton, eigenpairs",
                        "Gauss-Newton, distribution",
                        "Gauss-Newton, trace"),
                phases);
        assertTrue(counts.size() <= 2 * PLAN.products());
        assertEquals(120, found.dimension());
        Curvature.Spectrum gaussNewton = found.gaussNewton().orElseThrow();
        try (LossSurface surface = LossSurface.of(point, SELECTED, workers)) {
            assertEquals(Vectors.norm(surface.gradient()), found.gradientNorm(), 1e-15);
            for (Curvature.Spectrum one : List.of(found.hessian(), gaussNewton)) {
                assertTrue(one.top().converged());
                double[] y = one.top().vectors()[0];
                double[] product =
                        one == gaussNewton
                                ? surface.gaussNewtonTimes(y)
                                : surface.hessianTimes(y);
                assertEquals(one.top().values()[0], Vectors.dot(y, product), 1e-10);
                assertEquals(one.top().values()[0], one.distribution().range()[1], 1e-6);
            }
        }
        // Both terms' weights are positive, so the Gauss-Newton matrix is too.
        assertTrue(gaussNewton.distribution().range()[0] > -1e-12);
        assertTrue(gaussNewton.trace().mean() > 0);
    }

    @Test
    void lossAlongADirectionIsItsTaylorSeries() {
        Point point = new Point(model, new MaxEnt(1, Positions.ALL), batch);
        Coordinates some = Coordinates.of(model.parameters(), SELECTED);
        double[] start = some.read(model.parameters());
        double[] d = new double[start.length];
        for (int i = 0; i < d.length; i++) {
            d[i] = Math.cos(1.7 * i);
        }
        Curvature.Along along = new GradientStudy(workers).along(point, SELECTED, d);
        double[] unit = Vectors.scaled(1 / Vectors.norm(d), d);
        double h = 0.01;
        double[] at = new double[5];
        try (LossSurface surface = LossSurface.of(point, SELECTED, workers)) {
            for (int k = -2; k <= 2; k++) {
                double[] moved = start.clone();
                Vectors.addTo(k * h, unit, moved);
                some.write(moved, model.parameters());
                at[k + 2] = surface.loss();
            }
            some.write(start, model.parameters());
        }
        assertEquals((at[0] - 8 * at[1] + 8 * at[3] - at[4]) / (12 * h), along.slope(), 1e-7);
        assertEquals(
                (-at[0] + 16 * at[1] - 30 * at[2] + 16 * at[3] - at[4]) / (12 * h * h),
                along.curvature(),
                1e-6);
        double third = (at[4] - 2 * at[3] + 2 * at[1] - at[0]) / (2 * h * h * h);
        assertEquals(third, along.third(), 1e-3 * Math.abs(third) + 1e-3);
        assertTrue(along.gaussNewton().orElseThrow() > 0);
        assertThrows(
                IllegalArgumentException.class,
                () -> new GradientStudy(workers).along(point, SELECTED, new double[120]));
    }

    @Test
    void objectivesThatDoNotStateTheirTermsHaveAHessianAlone() {
        Point point =
                new Point(model, new UnsplitObjective(new MaxEnt(1, Positions.ALL)), batch);
        Curvature.Plan few =
                new Curvature.Plan(
                        new Lanczos.Plan(2, Lanczos.End.MAGNITUDE, 1e-9, 3, 1),
                        new SpectralDistribution.Plan(2, 4, 2),
                        2);
        Curvature found =
                new GradientStudy(workers)
                        .curvature(
                                point,
                                List.of("model.norm.weight"),
                                few,
                                GradientStudy.Phases.SILENT);
        assertTrue(found.gaussNewton().isEmpty());
        assertFalse(found.hessian().top().converged(), "three products are too few");
        assertEquals(12, found.dimension());
    }
}
