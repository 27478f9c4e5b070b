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
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.spectra.Progress;
import dev.lethe.model.spectra.Vectors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Distances, lines and planes between models whose place is known.
class WeightSpaceTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers workers = new Workers(2);
    private final GradientStudy study = new GradientStudy(workers);
    private final Gemma2 base = TinyGemma2.random(backend, DType.F64, 41);
    private final Gemma2 other = TinyGemma2.random(backend, DType.F64, 42);
    private final Coordinates all = Coordinates.of(base.parameters());
    private final Batch batch = TinyGemma2.batch(1, 6, 6, 1, 4);

    @AfterEach
    void nothingStaysOpen() {
        workers.close();
        base.close();
        other.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    /// `base + a (other - base)`.
    private Gemma2 between(double a) {
        double[] at = all.read(base.parameters());
        double[] way = Vectors.difference(all.read(other.parameters()), at);
        Vectors.addTo(a, way, at);
        Gemma2 model = base.copy();
        all.write(at, model.parameters());
        return model;
    }

    @Test
    void movementIsThatOfTheVectors() {
        Movement found = study.movement(base, other);
        double[] a = all.read(base.parameters());
        double[] b = all.read(other.parameters());
        double distance = Vectors.norm(Vectors.difference(b, a));
        assertEquals(distance, found.whole().distance(), 1e-12);
        assertEquals(Vectors.norm(a), found.whole().baseNorm(), 1e-12);
        assertEquals(distance / Vectors.norm(a), found.whole().relative(), 1e-12);
        assertEquals(Math.acos(Vectors.cosine(a, b)), found.whole().angle(), 1e-12);
        double squares = 0;
        for (Movement.Shift shift : found.byGroup().values()) {
            squares += shift.distance() * shift.distance();
        }
        assertEquals(distance, Math.sqrt(squares), 1e-12);
        Movement still = study.movement(base, base);
        assertEquals(0, still.whole().distance());
        assertEquals(0, still.whole().angle());
        assertEquals(0, still.parameters().getFirst().rank().orElseThrow().effective());
    }

    @Test
    void rankCountsDirections() {
        double[] one = new double[12]; // 4 x 3, of rank 1
        for (int i = 0; i < 12; i++) {
            one[i] = (1 + i / 3) * (2 - i % 3 * 0.5);
        }
        Movement.Rank rank = MovementStudy.rank(one, 3);
        assertEquals(1, rank.effective(), 1e-10);
        assertEquals(1, rank.stable(), 1e-12);
        double[] identity = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
        assertEquals(3, MovementStudy.rank(identity, 3).effective(), 1e-12);
        double[] two = {3, 0, 0, 1, 0, 0, 0, 0}; // 4 x 2, singular values 3 and 1
        Movement.Rank ofTwo = MovementStudy.rank(two, 2);
        double entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
        assertEquals(Math.exp(entropy), ofTwo.effective(), 1e-12);
        assertEquals(10.0 / 9, ofTwo.stable(), 1e-12);
        assertArrayEquals(new double[] {3, 1}, ofTwo.singularValues(), 1e-12);
        // Wider than high.
        assertArrayEquals(
                new double[] {3, 1},
                MovementStudy.rank(new double[] {3, 0, 0, 0, 0, 1, 0, 0}, 4).singularValues(),
                1e-12);
    }

    @Test
    void relearningGoesBack() {
        try (Gemma2 quarter = between(0.25)) {
            Undoing straight = study.undoing(base, other, quarter);
            assertEquals(0.75, straight.whole().fraction(), 1e-12);
            assertEquals(1, straight.whole().cosine(), 1e-12);
            assertEquals(0.25, straight.whole().remaining(), 1e-12);
            straight.byGroup()
                    .values()
                    .forEach(part -> assertEquals(0.75, part.fraction(), 1e-12));
            Undoing none = study.undoing(base, other, other);
            assertEquals(new Undoing.Part(0, 0, 1), none.whole());
            Undoing unmoved = study.undoing(base, base, other);
            assertEquals(new Undoing.Part(0, 0, 0), unmoved.whole());
        }
    }

    private SequencedMap<String, Measure> measures() {
        SequencedMap<String, Measure> measures = new LinkedHashMap<>();
        measures.put("loss", Measure.loss(new NextToken(), StepBatch.main(batch), workers));
        measures.put("accuracy", Measure.accuracy(batch, workers));
        measures.put("place", model -> Vectors.norm(all.read(model.parameters())));
        return measures;
    }

    @Test
    void lineRunsFromOneModelToTheOther() {
        SequencedMap<String, Measure> measures = measures();
        double[] before = all.read(base.parameters());
        Line line =
                study.line(
                        base, other, new GradientStudy.Grid(7, 0.25, Progress.NONE), measures);
        assertArrayEquals(
                new double[] {-0.25, 0, 0.25, 0.5, 0.75, 1, 1.25}, line.t(), 1e-15);
        for (String name : measures.keySet()) {
            double[] values = line.measures().get(name);
            assertEquals(measures.get(name).of(base), values[1], 1e-15, name);
            assertEquals(measures.get(name).of(other), values[5], 1e-15, name);
            try (Gemma2 half = between(0.5)) {
                assertEquals(measures.get(name).of(half), values[3], 1e-12, name);
            }
        }
        assertEquals(study.movement(base, other).whole().distance(), line.distance(), 1e-12);
        double[] loss = line.measures().get("loss");
        double barrier = 0;
        for (int i = 1; i <= 5; i++) {
            double chord = (1 - line.t()[i]) * loss[1] + line.t()[i] * loss[5];
            barrier = Math.max(barrier, loss[i] - chord);
        }
        assertEquals(barrier, line.barrier("loss"), 1e-15);
        assertArrayEquals(before, all.read(base.parameters()), "models are only read");
        assertThrows(IllegalArgumentException.class, () -> line.barrier("perplexity"));
    }

    @Test
    void planeHoldsAllThree() {
        SequencedMap<String, Measure> measures = measures();
        try (Gemma2 third = TinyGemma2.random(backend, DType.F64, 43)) {
            List<Gemma2> models = List.of(base, other, third);
            Plane plane =
                    study.plane(models, new GradientStudy.Grid(3, 0, Progress.NONE), measures);
            Plane.Corner c = plane.corners().getLast();
            assertEquals(
                    study.movement(base, third).whole().distance(),
                    Math.hypot(c.x(), c.y()),
                    1e-12);
            assertEquals(
                    study.movement(other, third).whole().distance(),
                    Math.hypot(c.x() - plane.corners().get(1).x(), c.y()),
                    1e-12);
            double[][] loss = plane.measures().get("loss");
            assertEquals(0, plane.x()[0]);
            assertEquals(measures.get("loss").of(base), loss[0][0], 1e-12);
            assertEquals(measures.get("loss").of(other), loss[0][2], 1e-12);
            Gemma2 middle = model(plane, third, plane.x()[1], plane.y()[2]);
            assertEquals(measures.get("loss").of(middle), loss[2][1], 1e-12);
            try (Gemma2 half = between(0.5)) {
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                study.plane(
                                        List.of(base, other, half),
                                        new GradientStudy.Grid(3, 0, Progress.NONE),
                                        measures));
            }
        }
    }

    /// The point of the plane as a mixture of the three, in `third`'s memory.
    private Gemma2 model(Plane plane, Gemma2 third, double x, double y) {
        double ofThird = y / plane.corners().getLast().y();
        double ofOther = (x - ofThird * plane.corners().getLast().x()) / plane.corners().get(1).x();
        double[] at = Vectors.scaled(1 - ofThird - ofOther, all.read(base.parameters()));
        Vectors.addTo(ofOther, all.read(other.parameters()), at);
        Vectors.addTo(ofThird, all.read(third.parameters()), at);
        all.write(at, third.parameters());
        return third;
    }

    @Test
    void refusesModelsOfDifferentShapes() {
        try (Gemma2 wider =
                Gemma2.allocate(
                        TinyGemma2.CONFIG.toBuilder().intermediateSize(11).build(),
                        backend,
                        DType.F64)) {
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> study.movement(base, wider))
                            .getMessage();
            assertTrue(message.contains("model.layers.0.mlp.gate_proj.weight"), message);
        }
    }
}
