package dev.lethe.model.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.GradientAlignment;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.spectra.Interval;
import dev.lethe.model.spectra.Lanczos;
import dev.lethe.model.spectra.Progress;
import dev.lethe.model.spectra.SpectralDistribution;
import dev.lethe.model.spectra.Vectors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

/// The laboratory from its door, as a reader would use it: a model unlearns a little, relearns, and
/// is asked every question.
class GradientStudyTest {
    private static final Batch FORGET = TinyGemma2.batch(2, 6, 6, 4, 5);
    private static final Batch RETAIN = TinyGemma2.batch(3, 6, 6, 6, 3);

    @Test
    void asksEveryQuestion() {
        try (Backend backend = new ReferenceBackend();
                Workers workers = new Workers(2);
                Gemma2 base = TinyGemma2.random(backend, DType.F64, 61);
                Gemma2 unlearned = base.copy();
                Gemma2 relearned = base.copy()) {
            StepBatch both = StepBatch.forgetAndRetain(FORGET, RETAIN);
            Objective maxEnt = new MaxEnt(1, Positions.TARGETS);
            descend(unlearned, maxEnt, both, 30, workers);
            relearned.parameters().copyFrom(unlearned.parameters());
            descend(relearned, new NextToken(), StepBatch.main(FORGET), 10, workers);
            GradientStudy study = new GradientStudy(workers);

            // Anatomy: what pulls where, and what is left of it.
            SequencedMap<String, Objective> objectives = new LinkedHashMap<>();
            objectives.put("graddiff", new GradDiff(1));
            objectives.put("maxent", maxEnt);
            Anatomy before = study.anatomy(base, both, objectives);
            Anatomy after = study.anatomy(unlearned, both, objectives);
            assertTrue(
                    tokenNorm(after, "maxent") < tokenNorm(before, "maxent"),
                    "MaxEnt's gradient falls as its goal comes near");
            assertTrue(tokenNorm(after, "graddiff") > 0.7, "the ascent's does not");
            double conflict = before.cosines().between("graddiff.forget_ce", "graddiff.retain_ce");
            assertTrue(Math.abs(conflict) < 1);

            // Trajectory: how far, and how much is undone.
            Movement movement = study.movement(base, unlearned);
            Undoing undoing = study.undoing(base, unlearned, relearned);
            assertTrue(movement.whole().distance() > 0);
            assertTrue(undoing.whole().fraction() < 1);

            // Curvature: spectra, and the loss along the way that relearning went.
            Point attack = new Point(unlearned, new NextToken(), StepBatch.main(FORGET));
            List<String> all = unlearned.parameters().names();
            Curvature.Plan plan =
                    new Curvature.Plan(
                            new Lanczos.Plan(3, Lanczos.End.LARGEST, 1e-6, 60, 1),
                            new SpectralDistribution.Plan(4, 16, 1),
                            8);
            Curvature curvature =
                    study.curvature(attack, all, plan, GradientStudy.Phases.SILENT);
            double sharpest = curvature.hessian().top().requireConverged().values()[0];
            Coordinates coordinates = Coordinates.of(unlearned.parameters());
            double[] way =
                    Vectors.difference(
                            coordinates.read(relearned.parameters()),
                            coordinates.read(unlearned.parameters()));
            Curvature.Along along = study.along(attack, all, way);
            assertTrue(along.slope() < 0, "relearning went downhill");
            assertTrue(along.curvature() <= sharpest + 1e-9, "no direction is sharper");
            Interval trace = curvature.gaussNewton().orElseThrow().trace();
            assertTrue(trace.low() < trace.high());

            // Alignment: forgetting turns what retaining asks for.
            GradientAlignment alignment =
                    study.alignment(
                            new Point(base, new NextToken(), StepBatch.main(FORGET)),
                            new Point(base, new NextToken(), StepBatch.main(RETAIN)),
                            all);
            assertEquals(-conflict, alignment.cosine(), 1e-12);

            // Paths: is there a barrier on the way back?
            SequencedMap<String, Measure> measures = new LinkedHashMap<>();
            measures.put(
                    "forget", Measure.loss(new NextToken(), StepBatch.main(FORGET), workers));
            measures.put("right", Measure.accuracy(FORGET, workers));
            Line line =
                    study.line(
                            unlearned,
                            relearned,
                            new GradientStudy.Grid(5, 0, Progress.NONE),
                            measures);
            assertEquals(Vectors.norm(way), line.distance(), 1e-12);
            assertTrue(line.barrier("forget") >= 0);
            Plane plane =
                    study.plane(
                            List.of(base, unlearned, relearned),
                            new GradientStudy.Grid(3, 0, Progress.NONE),
                            measures);
            assertEquals(movement.whole().distance(), plane.corners().get(1).x(), 1e-12);

            // Influence: which example undoes most?
            Influence influence =
                    study.influence(FORGET, attack, Optional.empty(), 2e-4, Progress.NONE);
            for (Influence.Example one : influence.examples()) {
                assertTrue(one.measured() > 0, "each of the target's own rows helps");
                assertEquals(one.secondOrder(), one.measured(), 0.01 * one.measured());
            }
        }
    }

    /// Predictors: does how far a model went order the models as what they forgot does?
    @Test
    void asksWhichNumberPredicts() {
        try (Backend backend = new ReferenceBackend();
                Workers workers = new Workers(2);
                Gemma2 base = TinyGemma2.random(backend, DType.F64, 61);
                Gemma2 model = base.copy()) {
            GradientStudy study = new GradientStudy(workers);
            StepBatch both = StepBatch.forgetAndRetain(FORGET, RETAIN);
            Point forget = new Point(model, new NextToken(), StepBatch.main(FORGET));
            List<Prediction.Case> cases = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                descend(model, new GradDiff(0.1), both, 3, workers);
                SequencedMap<String, Double> numbers = new LinkedHashMap<>();
                numbers.put("distance", study.movement(base, model).whole().distance());
                try (LossSurface surface = LossSurface.of(forget, workers)) {
                    String method = i % 2 == 0 ? "even" : "odd";
                    cases.add(
                            new Prediction.Case("after " + i, method, numbers, surface.loss()));
                }
            }
            Prediction found = study.predictors(cases).getFirst();
            assertEquals("distance", found.predictor());
            assertEquals(1, found.all().r(), 1e-15, "each step went further and forgot more");
            assertEquals(6, found.all().pairs());
            assertEquals(3, found.without().get("odd").pairs());
        }
    }

    private static double tokenNorm(Anatomy anatomy, String objective) {
        Anatomy.OfTerm forget = anatomy.objective(objective).terms().getFirst();
        return forget.byLogits().orElseThrow().after().tokenNorm();
    }

    /// Gradient descent in steps of at most 0.05.
    private static void descend(
            Gemma2 model, Objective objective, StepBatch batch, int steps, Workers workers) {
        try (LossSurface surface = LossSurface.of(new Point(model, objective, batch), workers)) {
            double[] at = surface.coordinates().read(model.parameters());
            for (int step = 0; step < steps; step++) {
                double[] g = surface.gradient();
                Vectors.addTo(-0.05 / Math.max(1, Vectors.norm(g)), g, at);
                surface.coordinates().write(at, model.parameters());
            }
        }
    }
}
