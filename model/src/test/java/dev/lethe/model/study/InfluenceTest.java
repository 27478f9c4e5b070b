package dev.lethe.model.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.spectra.Progress;
import dev.lethe.model.spectra.Vectors;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InfluenceTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers workers = new Workers(2);
    private final Gemma2 model = TinyGemma2.random(backend, DType.F64, 51);
    private final Batch examples = TinyGemma2.batch(1, 6, 6, 1, 4, 3);
    private final Point target =
            new Point(model, new NextToken(), StepBatch.main(TinyGemma2.batch(2, 5, 5, 4)));
    private final Point retain =
            new Point(model, new NextToken(), StepBatch.main(TinyGemma2.batch(3, 5, 5, 4)));

    @AfterEach
    void nothingStaysOpen() {
        workers.close();
        model.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private Influence influence(double rate) {
        return new GradientStudy(workers)
                .influence(examples, target, Optional.of(retain), rate, Progress.NONE);
    }

    /// The prediction's error falls with the square of the rate at first order, with the cube at
    /// second: halving the rate divides it by four and by eight.
    @Test
    void predictionsHaveTheirOrder() {
        double[] before = Coordinates.of(model.parameters()).read(model.parameters());
        Influence wide = influence(1e-3);
        Influence narrow = influence(5e-4);
        assertArrayEquals(
                before,
                Coordinates.of(model.parameters()).read(model.parameters()),
                "the model is only read");
        for (int row : new int[] {0, 2, 3}) {
            Influence.Example a = wide.examples().get(row);
            Influence.Example b = narrow.examples().get(row);
            assertEquals(row, a.row());
            double first = (a.measured() - a.firstOrder()) / (b.measured() - b.firstOrder());
            double second = (a.measured() - a.secondOrder()) / (b.measured() - b.secondOrder());
            assertEquals(4, first, 0.2, "row " + row);
            assertEquals(8, second, 0.4, "row " + row);
        }
        Influence.Example empty = wide.examples().get(1);
        assertEquals(new Influence.Example(1, 0, 0, 0, 0, 0, 0, 0), empty);
    }

    @Test
    void gradientsAreThoseOfTheRowsByThemselves() {
        Influence found = influence(0.1);
        assertEquals(4, found.gram().length);
        for (int row : new int[] {0, 2, 3}) {
            StepBatch alone = StepBatch.main(examples.rows(row, row + 1));
            try (LossSurface own =
                            LossSurface.of(new Point(model, new NextToken(), alone), workers);
                    LossSurface goal = LossSurface.of(target, workers);
                    LossSurface kept = LossSurface.of(retain, workers)) {
                double[] g = own.gradient();
                Influence.Example one = found.examples().get(row);
                assertEquals(Vectors.norm(g), one.norm(), 1e-12 * one.norm());
                assertEquals(one.norm() * one.norm(), found.gram()[row][row], 1e-12);
                assertEquals(Vectors.cosine(g, goal.gradient()), one.targetCosine(), 1e-12);
                assertEquals(Vectors.cosine(g, kept.gradient()), one.retainCosine(), 1e-12);
                assertEquals(goal.loss(), found.target(), 1e-15);
                assertEquals(0.1 * Vectors.dot(g, goal.gradient()), one.firstOrder(), 1e-12);
            }
        }
        assertTrue(found.gram()[0][2] != 0);
        assertEquals(found.gram()[0][2], found.gram()[2][0]);
        assertThrows(IllegalArgumentException.class, () -> influence(0));
    }
}
