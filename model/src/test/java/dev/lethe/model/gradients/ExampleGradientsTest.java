package dev.lethe.model.gradients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.OutputTerm;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.Rmu;
import dev.lethe.model.spectra.Vectors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Gradients of single examples against a loop over them, for every term of every kind.
class ExampleGradientsTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers workers = new Workers(2);
    private final Gemma2 model = TinyGemma2.random(backend, DType.F64, 31);
    private final Gemma2 other = TinyGemma2.random(backend, DType.F64, 32);
    private final Coordinates all = Coordinates.of(model.parameters());
    private final StepBatch batch =
            StepBatch.of(
                    Map.of(
                            Role.MAIN, TinyGemma2.batch(1, 6, 6, 1, 4, 0),
                            Role.FORGET, TinyGemma2.batch(2, 150, 150, 70, 5),
                            Role.RETAIN, TinyGemma2.batch(3, 4, 4, 2, 4)));

    @AfterEach
    void nothingStaysOpen() {
        workers.close();
        model.close();
        other.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private List<Objective> objectives() {
        double[] u = new double[12];
        u[2] = 1;
        return List.of(
                new GradDiff(0.7),
                new MaxEnt(1.3, Positions.ALL),
                new Distill(other, Positions.ALL),
                new Distill(model, Positions.TARGETS), // the teacher's own uses do not count
                new Rmu(new Rmu.Target(1, 0.8, u), 1.2, other));
    }

    /// One backward pass a row, through the loss in primitives.
    private double[][] loop(Point point, OutputTerm term) {
        Batch rows = point.batch().get(term.role());
        double denominator = point.objective().denominators(point.batch()).get(term.name());
        double[][] gradients = new double[rows.rows()][all.dimension()];
        for (int b = 0; b < gradients.length; b++) {
            try (TensorArena _ = backend.openStep()) {
                var loss = term.read(model, rows.rows(b, b + 1), denominator).loss();
                Gradients found =
                        Autograd.gradients(loss, model.parameters().get(all.names()));
                for (String name : all.names()) {
                    double[] values = found.of(model.parameters().get(name)).toDoubles();
                    System.arraycopy(
                            values, 0, gradients[b], all.span(name).from(), values.length);
                }
            }
        }
        return gradients;
    }

    private interface Check {
        void of(String what, Point point, OutputTerm term, double[][] expected);
    }

    private void forEachTerm(Check check) {
        for (Objective objective : objectives()) {
            Point point = new Point(model, objective, batch);
            for (OutputTerm term : OutputTerm.of(objective)) {
                check.of(objective + " " + term.name(), point, term, loop(point, term));
            }
        }
    }

    @Test
    void areThoseOfTheLoopAndAddUpToTheBatch() {
        forEachTerm(
                (what, point, term, expected) -> {
                    double[][] found =
                            ExampleGradients.of(point, term, all, workers).values();
                    assertEquals(expected.length, found.length);
                    double[] sum = new double[all.dimension()];
                    double size = 0;
                    for (int b = 0; b < found.length; b++) {
                        assertClose(what + " row " + b, expected[b], found[b]);
                        Vectors.addTo(1, found[b], sum);
                        size += Vectors.norm(found[b]);
                    }
                    double[] whole =
                            TermGradient.of(point, term, all, workers).byParameters();
                    double apart = Vectors.norm(Vectors.difference(whole, sum));
                    assertTrue(apart <= 1e-12 * Vectors.norm(whole) + 1e-16 * size, what + apart);
                });
    }

    @Test
    void normsNeedNoGradients() {
        forEachTerm(
                (what, point, term, expected) -> {
                    double[][] found =
                            ExampleGradients.squaredNorms(point, term, all, workers);
                    for (int b = 0; b < expected.length; b++) {
                        double size = Vectors.dot(expected[b], expected[b]);
                        for (int p = 0; p < all.names().size(); p++) {
                            Coordinates.Span span = all.span(all.names().get(p));
                            double squares = 0;
                            for (int i = 0; i < span.length(); i++) {
                                double x = expected[b][span.from() + i];
                                squares += x * x;
                            }
                            assertEquals(
                                    squares,
                                    found[b][p],
                                    1e-12 * squares + 1e-15 * size,
                                    what + " row " + b + " " + all.names().get(p));
                        }
                    }
                });
    }

    @Test
    void gramMatrixNeedsNoGradients() {
        forEachTerm(
                (what, point, term, expected) -> {
                    double[][] gram = ExampleGradients.gram(point, term, all);
                    for (int b = 0; b < expected.length; b++) {
                        for (int c = 0; c < expected.length; c++) {
                            double size =
                                    Vectors.norm(expected[b]) * Vectors.norm(expected[c]);
                            assertEquals(
                                    Vectors.dot(expected[b], expected[c]),
                                    gram[b][c],
                                    1e-12 * size,
                                    what + " rows " + b + " and " + c);
                        }
                    }
                });
    }

    /// A custom reading that uses a weight in another way is refused, not silently wrong.
    @Test
    void refusesUsesThatItCannotSplit() {
        Point point = new Point(model, new GradDiff(0.7), batch);
        OutputTerm plain = OutputTerm.of(point.objective()).getLast();
        OutputTerm decayed =
                new OutputTerm(
                        plain.name(),
                        1,
                        plain.role(),
                        (m, rows, n) -> new DecayedOutput(plain.read(m, rows, n), m).output());
        assertThrows(
                IllegalStateException.class,
                () -> ExampleGradients.of(point, decayed, all, workers));
    }

    private static void assertClose(String what, double[] expected, double[] found) {
        double apart = Vectors.norm(Vectors.difference(expected, found));
        double size = Vectors.norm(expected);
        assertTrue(
                apart <= 1e-12 * size,
                () -> "%s: off by %.2e of %.2e".formatted(what, apart, size));
    }
}
