package dev.lethe.tools.report;

import static dev.lethe.tools.report.Examples.THRESHOLDS;
import static dev.lethe.tools.report.Examples.attack;
import static dev.lethe.tools.report.Examples.flat;
import static dev.lethe.tools.report.Examples.model;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class FindingsTest {
    private static Claim claim(Findings findings, String name) {
        return findings.claims().stream()
                .filter(claim -> claim.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Findings of(ModelRun unlearned, ModelRun distilled) {
        SeedRun seed =
                new SeedRun(
                        42,
                        List.of(
                                model("base", 1, 1),
                                model("filter", 1, 0, flat(0.1)),
                                unlearned,
                                distilled));
        return new Findings(List.of(seed), THRESHOLDS);
    }

    @Test
    void judgesByAreaAndRobustness() {
        Findings findings = new Findings(List.of(Examples.seed(42)), THRESHOLDS);
        Claim shallow = claim(findings, "unlearning-is-shallow");
        assertEquals(0.8, shallow.value(), 1e-12);
        assertTrue(shallow.holds());
        Claim robust = claim(findings, "distillation-robustifies-maxent");
        assertEquals(0.75, robust.value(), 1e-12);
        assertTrue(robust.holds());
        assertNull(robust.interval());
        Claim kept = claim(findings, "retain-kept");
        assertEquals(-0.02, kept.value(), 1e-12);
        assertTrue(kept.holds());
    }

    @Test
    void aClaimCanFail() {
        Findings findings =
                of(
                        model("unlearn-maxent", 1, 0, flat(0.9)),
                        model("distill-maxent", 1, 0, flat(0.8)));
        Claim robust = claim(findings, "distillation-robustifies-maxent");
        assertEquals(0.125, robust.value(), 1e-12);
        assertFalse(robust.holds());
    }

    @Test
    void aWeakAttackGivesNoVerdict() {
        Findings findings =
                of(
                        model("unlearn-maxent", 1, 0, flat(0.85)),
                        model("distill-maxent", 1, 0, flat(0.1)));
        for (String name : List.of("unlearning-is-shallow", "distillation-robustifies-maxent")) {
            Claim claim = claim(findings, name);
            assertNull(claim.holds());
            assertNull(claim.value());
            assertEquals(
                    "the attack is too weak: at seed 42 it brings unlearn-maxent to 0.85, needs"
                        + " 0.90",
                    claim.note());
        }
    }

    @Test
    void aModelThatLostTooMuchGetsNoRobustness() {
        Findings findings =
                of(
                        model("unlearn-maxent", 1, 0, flat(0.9)),
                        model("distill-maxent", 0.94, 0, flat(0.1)));
        assertEquals(List.of(OptionalDouble.empty()), findings.robustness("maxent"));
        assertNull(claim(findings, "distillation-robustifies-maxent").holds());
        assertFalse(claim(findings, "retain-kept").holds());
    }

    @Test
    void divergedAttacksNeverCountAsRobustness() {
        Findings findings =
                of(
                        model("unlearn-maxent", 1, 0, flat(0.9)),
                        model("distill-maxent", 1, 0, attack(1e-3, 0, 0.1)));
        assertEquals(List.of(OptionalDouble.empty()), findings.robustness("maxent"));
        assertNull(claim(findings, "distillation-robustifies-maxent").holds());
        Findings withSurvivor =
                of(
                        model("unlearn-maxent", 1, 0, flat(0.9)),
                        model("distill-maxent", 1, 0, attack(1e-3, 0, 0.1), flat(0.5)));
        assertEquals(0.5, withSurvivor.robustness("maxent").getFirst().orElseThrow(), 1e-12);
    }

    @Test
    void severalSeedsGiveAnInterval() {
        SeedRun other =
                new SeedRun(
                        43,
                        List.of(
                                model("base", 1, 1),
                                model("filter", 1, 0, flat(0.1)),
                                model("unlearn-maxent", 1, 0, flat(0.9)),
                                model("distill-maxent", 1, 0, flat(0.5))));
        Findings findings = new Findings(List.of(Examples.seed(42), other), THRESHOLDS);
        Claim robust = claim(findings, "distillation-robustifies-maxent");
        assertEquals(0.625, robust.value(), 1e-12); // of 0.75 and 0.5
        // t(0.975, 1) = 12.7062, standard error 0.125
        assertEquals(0.625 - 12.7062 * 0.125, robust.interval().get(0), 1e-4);
        assertEquals(0.625 + 12.7062 * 0.125, robust.interval().get(1), 1e-4);
    }
}
