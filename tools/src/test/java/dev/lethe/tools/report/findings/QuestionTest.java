package dev.lethe.tools.report.findings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.tools.report.Rows;
import dev.lethe.tools.report.results.Claim;
import dev.lethe.tools.report.results.Claim.Verdict;
import dev.lethe.tools.report.results.Summary;
import dev.lethe.tools.report.results.Summary.Stopped;
import dev.lethe.tools.report.results.Thresholds;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

class QuestionTest {
    private static final Thresholds THRESHOLDS = Thresholds.ofAccuracy(50, 0.1);

    private static Claim claim(Rows rows, String name) {
        return claim(rows.judgedBy(THRESHOLDS), name);
    }

    private static Claim claim(Findings findings, String name) {
        return findings.claims().stream()
                .filter(claim -> claim.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void asksAllOfTheContractInItsOrder() {
        List<Claim> claims = Rows.whole(1).judgedBy(THRESHOLDS).claims();
        assertEquals(
                List.of(
                        "unlearning-is-shallow",
                        "reference-leaks",
                        "distillation-robustifies-graddiff",
                        "distillation-robustifies-maxent",
                        "distillation-robustifies-rmu",
                        "latent-ability",
                        "undo-scales",
                        "undo-on-pareto-front",
                        "retain-kept"),
                claims.stream().map(Claim::name).toList());
        assertTrue(claims.stream().allMatch(Claim::holds), claims.toString());
        assertEquals(7, Question.class.getPermittedSubclasses().length);
    }

    @Test
    void valuesAreWhatTheyAreByHand() {
        Rows rows = Rows.whole(1);
        assertEquals(0.48, claim(rows, "unlearning-is-shallow").value(), 1e-12);
        assertEquals(0.19, claim(rows, "reference-leaks").value(), 1e-12);
        assertEquals(0.8125, claim(rows, "distillation-robustifies-rmu").value(), 1e-12);
        assertEquals(0.5, claim(rows, "latent-ability").value(), 1e-12);
        assertEquals(1, claim(rows, "undo-scales").value(), 1e-12);
        // undo-0.8 stands at 0.3 after 50 steps, each unlearned model at 1.
        assertEquals(0.7, claim(rows, "undo-on-pareto-front").value(), 1e-12);
        // UNDO's 0.95 against 0.98
        assertEquals(0.03, claim(rows, "retain-kept").value(), 1e-12);
        assertNull(claim(rows, "retain-kept").interval());
    }

    @Test
    void severalSeedsGiveIntervalsAndTests() {
        Rows rows = Rows.whole(1).add(2).add(3);
        rows.relearn("distill-maxent", 2, 3e-3, 0.5, 0.5, 0.5); // 0.5 throughout: R 0.3125
        Claim claim = claim(rows, "distillation-robustifies-maxent");
        assertEquals((0.8125 + 0.3125 + 0.8125) / 3, claim.value(), 1e-12);
        // Deviation 0.5 / sqrt(3), standard error 1/6, t(0.975, 2) = 4.302653
        assertEquals(claim.value() - 4.302653 / 6, claim.interval().get(0), 1e-6);
        assertEquals(claim.value() + 4.302653 / 6, claim.interval().get(1), 1e-6);
        // t = 0.645833 * 6 = 3.875; with 2 degrees of freedom p = 1 - t / sqrt(t^2 + 2)
        double t = claim.value() * 6;
        assertEquals(1 - t / Math.sqrt(t * t + 2), claim.parts().getFirst().p(), 1e-9);
        assertNull(claim.parts().getFirst().rankP());
        assertEquals(List.of(0.8125, 0.3125, 0.8125), rounded(claim.parts().getFirst().seeds()));
    }

    private static List<Double> rounded(List<Double> values) {
        return values.stream().map(v -> Math.round(v * 1e9) / 1e9).toList();
    }

    @Test
    void theWeakestPartDecides() {
        Rows rows = Rows.ofAccuracy().add(1);
        rows.relearn("filter", 1, 3e-3, 0.56, 0.56, 0.56);
        // filter: 0.56 throughout, unlearned 0.65: 0.09 above
        Claim claim = claim(rows, "unlearning-is-shallow");
        assertEquals(Verdict.FAILS, claim.verdict());
        assertEquals(0.09, claim.value(), 1e-12);
        assertFalse(claim.holds());
    }

    @Test
    void aWeakAttackGivesNoVerdict() {
        Rows rows = Rows.whole(1).add(2);
        rows.model("unlearn-maxent-sam", 1, 1, 0)
                .relearn("unlearn-maxent-sam", 1, 1e-3, 0, 0, 0, 0);
        // SAM is reported, not judged: that it is not revived says nothing about the attack.
        assertTrue(claim(rows, "unlearning-is-shallow").holds());

        Rows weak = Rows.whole(1);
        weak.model("base", 2, 1, 1);
        for (String model :
                List.of("filter", "unlearn-graddiff", "unlearn-maxent", "unlearn-rmu")) {
            weak.model(model, 2, 1, 0)
                    .relearn(model, 2, 1e-3, 0, 0.5, 0.8, model.endsWith("rmu") ? 0.89 : 0.9);
        }
        for (Claim claim : weak.judgedBy(THRESHOLDS).claims()) {
            if (!claim.name().equals("retain-kept")) {
                assertEquals(Verdict.NO_VERDICT, claim.verdict(), claim.name());
                assertNull(claim.value());
                assertEquals(
                        "the attack is too weak: at seed 2 it brings unlearn-rmu to 0.890, needed"
                            + " is 0.900",
                        claim.note());
            }
        }
    }

    @Test
    void inALanguageTheAttackMustComeNearBasesCrossEntropy() {
        for (double last : new double[] {1.1, 1.11}) {
            Rows rows = Rows.ofCrossEntropy().model("base", 1, 1.5, 1.0);
            rows.model("filter", 1, 1.5, 6).relearn("filter", 1, 1e-3, 6, 5.5, 4.5, 3);
            rows.model("unlearn-maxent", 1, 1.5, 6)
                    .relearn("unlearn-maxent", 1, 1e-3, 6, 3, 1.5, last);
            Thresholds thresholds = Thresholds.ofCrossEntropy(50, 0.25).judging(List.of("maxent"));
            Claim claim = claim(rows.judgedBy(thresholds), "unlearning-is-shallow");
            assertEquals(last == 1.1 ? Verdict.HOLDS : Verdict.NO_VERDICT, claim.verdict());
            List<String> names =
                    rows.judgedBy(thresholds).claims().stream().map(Claim::name).toList();
            assertFalse(names.contains("latent-ability"));
        }
    }

    @Test
    void whatWasNotRunIsNotEvaluatedAndNeverHolds() {
        Rows rows = Rows.ofAccuracy().model("base", 1, 1, 1);
        rows.model("filter", 1, 1, 0).relearn("filter", 1, 1e-3, 0, 0.1, 0.3, 0.5);
        for (Claim claim : rows.judgedBy(THRESHOLDS).claims()) {
            assertEquals(Verdict.NOT_EVALUATED, claim.verdict(), claim.name());
            assertFalse(claim.holds());
            assertNull(claim.value());
            assertTrue(claim.note().startsWith("not evaluated: "), claim.note());
        }
        assertEquals(
                "not evaluated: the attack on unlearn-graddiff, the attack on unlearn-maxent, the"
                        + " attack on unlearn-rmu not run",
                claim(rows, "unlearning-is-shallow").note());
    }

    @Test
    void anUnmatchedReferenceStudentGivesNoVerdict() {
        Rows rows = Rows.whole(1).add(2);
        Findings findings = rows.judgedBy(THRESHOLDS);
        List<Summary.Model> capped =
                findings.compute().stream()
                        .map(
                                m ->
                                        m.seed() == 2 && m.name().equals("student-reference")
                                                ? new Summary.Model(
                                                        m.name(), 2, 1100, 1, 1, 0, Stopped.CAP)
                                                : m)
                        .toList();
        Claim claim =
                claim(new Findings(findings.results(), capped, THRESHOLDS), "reference-leaks");
        assertEquals(Verdict.NO_VERDICT, claim.verdict());
        assertTrue(claim.note().startsWith("at seed 2 the KL of student-reference"), claim.note());
    }

    @Test
    void aModelThatLostTooMuchIsNamed() {
        Rows rows = Rows.ofAccuracy().add(1);
        rows.model("base", 2, 1, 1);
        for (String model :
                List.of(
                        "filter",
                        "unlearn-graddiff",
                        "unlearn-maxent",
                        "unlearn-rmu",
                        "distill-rmu")) {
            double retain = model.startsWith("distill") ? 0.9 : 1;
            double[] heights =
                    model.startsWith("unlearn")
                            ? new double[] {0, 0.5, 1, 1}
                            : new double[] {0, 0.1, 0.3, 0.5};
            rows.model(model, 2, retain, 0).relearn(model, 2, 1e-3, heights);
        }
        Claim claim = claim(rows, "distillation-robustifies-rmu");
        assertEquals(Verdict.NO_VERDICT, claim.verdict());
        assertEquals(
                "distill-rmu lost 0.100 of its teacher's retain ability at seed 2, more than 0.05,"
                    + " so it gets no R",
                claim.note());
    }

    @Test
    void aRivalAsGoodInBothTakesUndoOffTheFront() {
        Rows rows = Rows.whole(1);
        rows.model("unlearn-maxent-repnoise", 1, 0.95, 0);
        rows.relearn("unlearn-maxent-repnoise", 1, 1e-3, 0, 0.1, 0.3, 0.5);
        Claim claim = claim(rows, "undo-on-pareto-front"); // equal in both: 0.95 and 0.3
        assertEquals(Verdict.FAILS, claim.verdict());
        assertEquals(0, claim.value(), 1e-12);
        assertTrue(claim.note().endsWith("against unlearn-maxent-repnoise"), claim.note());
    }

    @Test
    void correlationSharesRanksAndCountsNothingAsNothing() {
        double[] alphas = {0.2, 0.4, 0.6, 0.8};
        assertEquals(1, UndoScales.spearman(alphas, new double[] {1, 2, 30, 400}), 1e-12);
        assertEquals(0, UndoScales.spearman(alphas, new double[] {5, 5, 5, 5}), 1e-12);
        // Ranks 1.5, 1.5, 3, 4: 4.5 / sqrt(5 * 4.5)
        assertEquals(
                4.5 / Math.sqrt(22.5),
                UndoScales.spearman(alphas, new double[] {5, 5, 6, 7}),
                1e-12);
        // One swap of neighbours: 1 - 6 * 2 / (4 * 15)
        assertEquals(0.8, UndoScales.spearman(alphas, new double[] {2, 1, 3, 4}), 1e-12);
    }

    @Test
    void namesAreDistinct() {
        Set<String> names =
                Stream.of(Rows.whole(1).judgedBy(THRESHOLDS).claims())
                        .flatMap(List::stream)
                        .map(Claim::name)
                        .collect(Collectors.toSet());
        assertEquals(9, names.size());
    }
}
