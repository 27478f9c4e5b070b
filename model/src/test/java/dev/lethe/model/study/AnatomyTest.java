package dev.lethe.model.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.LogitGradient;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.objective.CustomObjective;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.RepNoise;
import dev.lethe.model.objective.Rmu;
import dev.lethe.model.spectra.Vectors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnatomyTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers workers = new Workers(2);
    private final Gemma2 model = TinyGemma2.random(backend, DType.F64, 21);
    private final Gemma2 other = TinyGemma2.random(backend, DType.F64, 22);
    private final StepBatch batch = TinyGemma2.allRoles();

    @AfterEach
    void nothingStaysOpen() {
        workers.close();
        model.close();
        other.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private SequencedMap<String, Objective> objectives() {
        double[] u = new double[12];
        u[2] = 1;
        SequencedMap<String, Objective> objectives = new LinkedHashMap<>();
        objectives.put("graddiff", new GradDiff(0.7));
        objectives.put("maxent", new MaxEnt(1.3, Positions.ALL));
        objectives.put("distill", new Distill(other, Positions.TARGETS));
        objectives.put("rmu", new Rmu(new Rmu.Target(1, 0.8, u), 1.2, other));
        objectives.put("repnoise", new RepNoise(new MaxEnt(1.3, Positions.ALL), 0.7, 0, 5));
        return objectives;
    }

    private Anatomy anatomy() {
        return new GradientStudy(workers).anatomy(model, batch, objectives());
    }

    /// Norms by parameter, layer and kind are parts of one whole, and terms add up to what training
    /// computes.
    @Test
    void partsMakeTheWhole() {
        Anatomy found = anatomy();
        for (Anatomy.OfObjective one : found.objectives()) {
            double[] g;
            try (LossSurface surface =
                    LossSurface.of(
                            new Point(model, objectives().get(one.name()), batch), workers)) {
                g = surface.gradient();
                assertEquals(surface.loss(), one.loss(), 1e-12 * Math.abs(one.loss()));
            }
            assertEquals(Vectors.norm(g), one.norm(), 1e-15);
            assertEquals(
                    one.norm(),
                    norm(ParameterNorm.by(ParameterPlace::group, one.norms())),
                    1e-12 * one.norm());
            assertEquals(
                    one.norm(),
                    norm(ParameterNorm.by(ParameterPlace::kind, one.norms())),
                    1e-12 * one.norm());
            one.fusedError().ifPresent(error -> assertTrue(error < 1e-13, "fused " + error));
            double sum = 0;
            for (Anatomy.OfTerm term : one.terms()) {
                sum += term.weight() * term.value();
            }
            if (!one.terms().isEmpty()) {
                assertEquals(one.loss(), sum, 1e-12 * Math.abs(sum));
            }
        }
        assertTrue(found.objective("repnoise").terms().isEmpty());
        assertTrue(found.objective("repnoise").fusedError().isEmpty());
        assertThrows(IllegalArgumentException.class, () -> found.objective("npo"));
    }

    private static double norm(SequencedMap<?, Double> norms) {
        return Math.sqrt(norms.values().stream().mapToDouble(x -> x * x).sum());
    }

    @Test
    void logitGradientsAreTheirClosedForms() {
        Anatomy found = anatomy();
        for (Anatomy.OfObjective one : found.objectives()) {
            for (Anatomy.OfTerm term : one.terms()) {
                if (one.name().equals("rmu")) {
                    assertTrue(term.byLogits().isEmpty());
                    continue;
                }
                LogitGradient logits = term.byLogits().orElseThrow();
                assertTrue(logits.after().error() < 1e-13, term.name() + logits);
                assertTrue(logits.before().error() < 1e-13, term.name() + logits);
                assertTrue(logits.before().norm() < logits.after().norm(), "the cap holds back");
                assertTrue(logits.after().tokenNorm() > 0.05);
                assertEquals(term.denominator(), logits.tokens());
            }
        }
        List<Anatomy.OfTerm> graddiff = found.objective("graddiff").terms();
        assertEquals(
                LogitGradient.Limit.STAYS,
                graddiff.getFirst().byLogits().orElseThrow().limit().orElseThrow());
        assertTrue(
                graddiff.getLast().byLogits().orElseThrow().limit().orElseThrow().vanishes());
        assertTrue(
                found.objective("maxent")
                        .terms()
                        .getFirst()
                        .byLogits()
                        .orElseThrow()
                        .limit()
                        .orElseThrow()
                        .vanishes());
    }

    /// At its goal distillation's gradient is gone; MaxEnt's on a model of equal logits likewise;
    /// ascent's stays about one a token.
    @Test
    void gradientsVanishAtTheGoalOrNot() {
        SequencedMap<String, Objective> objectives = new LinkedHashMap<>();
        objectives.put("distill", new Distill(model, Positions.ALL));
        objectives.put("maxent", new MaxEnt(0, Positions.ALL));
        objectives.put("graddiff", new GradDiff(0));
        GradientStudy study = new GradientStudy(workers);
        Anatomy here = study.anatomy(model, batch, objectives);
        assertTrue(token(here, "distill") < 1e-14);
        assertTrue(token(here, "maxent") > 0.1);
        try (Gemma2 flat = Gemma2.allocate(TinyGemma2.CONFIG, backend, DType.F64)) {
            Anatomy there = study.anatomy(flat, batch, objectives);
            assertTrue(token(there, "maxent") < 1e-14);
            double v = TinyGemma2.VOCABULARY;
            assertEquals(Math.sqrt(1 - 1 / v), token(there, "graddiff"), 1e-14);
        }
    }

    private static double token(Anatomy anatomy, String objective) {
        return anatomy.objective(objective)
                .terms()
                .getFirst()
                .byLogits()
                .orElseThrow()
                .after()
                .tokenNorm();
    }

    @Test
    void cosinesAreThoseOfTheGradients() {
        Anatomy found = anatomy();
        Cosines cosines = found.cosines();
        Coordinates all = Coordinates.of(model.parameters());
        try (LossSurface a =
                        LossSurface.of(new Point(model, new GradDiff(0.7), batch), workers);
                LossSurface b =
                        LossSurface.of(
                                new Point(model, objectives().get("distill"), batch), workers)) {
            double[] x = a.gradient();
            double[] y = b.gradient();
            assertEquals(
                    Vectors.cosine(x, y), cosines.between("graddiff", "distill"), 1e-14);
            Coordinates.Span norm = all.span("model.norm.weight");
            double[] xn = new double[x.length];
            double[] yn = new double[x.length];
            System.arraycopy(x, norm.from(), xn, norm.from(), norm.length());
            System.arraycopy(y, norm.from(), yn, norm.from(), norm.length());
            int i = cosines.names().indexOf("graddiff");
            int j = cosines.names().indexOf("distill");
            double[][] last = cosines.byGroup().get("final norm");
            assertEquals(Vectors.cosine(xn, yn), last[i][j], 1e-14);
            assertEquals(last[i][j], last[j][i]);
        }
        // The retain terms of both methods are one loss.
        assertEquals(1, cosines.between("graddiff.retain_ce", "maxent.retain_ce"), 1e-14);
        assertEquals(
                List.of("embedding", "layer 0", "layer 1", "layer 2", "final norm"),
                List.copyOf(cosines.byGroup().keySet()));
        assertThrows(IllegalArgumentException.class, () -> cosines.between("graddiff", "npo"));
    }

    /// What predicts nothing has no gradient; RMU's at the layer that it reads has a closed form,
    /// `|2 (h - goal) / N|`, over all positions `2 sqrt(value / N)`.
    @Test
    void normsByPosition() {
        Anatomy found = anatomy();
        Anatomy.OfTerm term = found.objective("graddiff").terms().getFirst();
        assertEquals(4, term.byPosition().length, "embedding and three layers");
        for (double[] depth : term.byPosition()) {
            assertEquals(5, depth.length);
            assertEquals(0, depth[4], "the last token predicts nothing");
            for (int t = 0; t < 4; t++) {
                assertTrue(depth[t] > 0);
            }
        }
        for (Anatomy.OfTerm rmu : found.objective("rmu").terms()) {
            assertEquals(3, rmu.byPosition().length, "stops at the layer that it reads");
            double squares = 0;
            for (double norm : rmu.byPosition()[2]) {
                squares += norm * norm;
            }
            double expected = 2 * Math.sqrt(rmu.value() / rmu.denominator());
            assertEquals(expected, Math.sqrt(squares), 1e-13 * expected);
        }
    }

    /// Forget and retain rows are streams of their own, so squares add up over the terms.
    @Test
    void objectivesByPositionAreTheirTerms() {
        Anatomy found = anatomy();
        for (String name : List.of("graddiff", "maxent", "distill", "rmu")) {
            Anatomy.OfObjective one = found.objective(name);
            assertEquals(4, one.byPosition().length, "embedding and three layers");
            for (int depth = 0; depth < 4; depth++) {
                for (int t = 0; t < 5; t++) {
                    double squares = 0;
                    for (Anatomy.OfTerm term : one.terms()) {
                        double[][] own = term.byPosition();
                        boolean reached = depth < own.length && t < own[depth].length;
                        double norm = reached ? own[depth][t] : 0;
                        squares += Math.pow(term.weight() * norm, 2);
                    }
                    assertEquals(Math.sqrt(squares), one.byPosition()[depth][t], 1e-14, name);
                }
            }
        }
    }

    /// An objective that runs its rows through the model in several passes has one stream.
    @Test
    void passesOverTheSameRowsAreOneStream() {
        Objective base = new MaxEnt(1.3, Positions.ALL);
        SequencedMap<String, Objective> objectives = new LinkedHashMap<>();
        objectives.put("maxent", base);
        objectives.put("halves", new Halves(base));
        objectives.put("repnoise", new RepNoise(base, 0, 0, 5));
        objectives.put("ascent", new RepNoise(base, 0.7, 0, 5));
        Anatomy found = new GradientStudy(workers).anatomy(model, batch, objectives);
        double[][] whole = found.objective("maxent").byPosition();
        for (int depth = 0; depth < whole.length; depth++) {
            for (String name : List.of("halves", "repnoise")) {
                assertArrayEquals(
                        whole[depth], found.objective(name).byPosition()[depth], 1e-14, name);
            }
        }
        double apart = found.objective("ascent").byPosition()[1][0] - whole[1][0];
        assertTrue(Math.abs(apart) > 1e-4, "the ascent pulls at hidden states too: " + apart);
    }

    /// Another objective in two passes of half the weight each, whose terms stay hidden.
    private record Halves(Objective whole) implements CustomObjective {
        @Override
        public SequencedMap<String, Double> denominators(StepBatch all) {
            return whole.denominators(all);
        }

        @Override
        public LossTerms terms(
                Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
            List<LossTerms.Term> terms = new ArrayList<>();
            for (int pass = 0; pass < 2; pass++) {
                for (LossTerms.Term one : whole.terms(model, part, denominators).terms()) {
                    terms.add(new LossTerms.Term(one.name(), one.weight() / 2, one.value()));
                }
            }
            return new LossTerms(terms);
        }
    }

    @Test
    void progressCountsObjectivesAndTerms() {
        List<String> seen = new ArrayList<>();
        new GradientStudy(workers)
                .anatomy(
                        model, batch, objectives(), (done, most) -> seen.add(done + "/" + most));
        // Five objectives; four of them with terms: 2 + 2 + 1 + 2.
        assertEquals("1/12", seen.getFirst());
        assertEquals("12/12", seen.getLast());
        assertEquals(12, seen.size());
    }
}
