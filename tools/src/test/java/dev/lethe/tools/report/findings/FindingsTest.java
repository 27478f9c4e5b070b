package dev.lethe.tools.report.findings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.tools.report.Rows;
import dev.lethe.tools.report.results.Thresholds;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalDouble;

class FindingsTest {
    private static final Thresholds ACCURACY = Thresholds.ofAccuracy(50, 0.1);
    private static final Thresholds CROSS_ENTROPY = Thresholds.ofCrossEntropy(50, 0.2);

    @Test
    void areasAndRobustnessOfAccuracies() {
        Findings findings = Rows.whole(1).judgedBy(ACCURACY);
        // (10 * 0.25 + 40 * 0.75) / 50, (10 * 0.05 + 40 * 0.2) / 50, (10 * 0.1 + 40 * 0.3) / 50
        assertEquals(0.65, findings.area("unlearn-maxent", 1).orElseThrow(), 1e-12);
        assertEquals(0.17, findings.area("filter", 1).orElseThrow(), 1e-12);
        assertEquals(0.26, findings.area("distill-maxent", 1).orElseThrow(), 1e-12);
        assertEquals(
                1 - 0.09 / 0.48, findings.robustness("distill-maxent", 1).orElseThrow(), 1e-12);
        assertEquals(0, findings.robustness("unlearn-maxent", 1).orElseThrow(), 1e-12);
        assertTrue(findings.robustness("filter", 1).isEmpty());
    }

    @Test
    void areasAndRobustnessOfCrossEntropies() {
        Findings findings =
                Rows.ofCrossEntropy()
                        .model("filter", 1, 1.5, 6)
                        .relearn("filter", 1, 1e-3, 6, 5.5, 4.5)
                        .model("unlearn-maxent", 1, 1.7, 6)
                        .relearn("unlearn-maxent", 1, 1e-3, 6, 3, 1.5)
                        .model("distill-maxent", 1, 1.7 * 1.05, 6)
                        .relearn("distill-maxent", 1, 1e-3, 6, 5, 4)
                        .judgedBy(CROSS_ENTROPY);
        // -(10 * 4.5 + 40 * 2.25) / 50, -(10 * 5.75 + 40 * 5) / 50, -(10 * 5.5 + 40 * 4.5) / 50
        assertEquals(-2.7, findings.area("unlearn-maxent", 1).orElseThrow(), 1e-12);
        assertEquals(-5.15, findings.area("filter", 1).orElseThrow(), 1e-12);
        assertEquals(-4.7, findings.area("distill-maxent", 1).orElseThrow(), 1e-12);
        assertEquals(0.05, findings.retainLoss("distill-maxent", 1).orElseThrow(), 1e-12);
        // 5% is still within 5%.
        assertEquals(
                1 - 0.45 / 2.45, findings.robustness("distill-maxent", 1).orElseThrow(), 1e-12);
    }

    @Test
    void theWorstCaseIsTakenAtEachStep() {
        Findings accuracy =
                Rows.ofAccuracy()
                        .model("filter", 1, 1, 0)
                        .relearn("filter", 1, 1e-3, 0, 0.6, 0.2)
                        .relearn("filter", 1, 3e-3, 0.1, 0.3, 0.4)
                        .judgedBy(ACCURACY);
        assertEquals(
                List.of(0.1, 0.6, 0.4),
                List.copyOf(accuracy.recovery("filter", 1).heights().values()));
        Findings language =
                Rows.ofCrossEntropy()
                        .model("filter", 1, 1, 6)
                        .relearn("filter", 1, 1e-3, 6, 5, 2)
                        .relearn("filter", 1, 3e-3, 6, 3, 4)
                        .judgedBy(CROSS_ENTROPY);
        assertEquals(
                List.of(-6.0, -3.0, -2.0),
                List.copyOf(language.recovery("filter", 1).heights().values()));
    }

    @Test
    void whatADivergedRunReportsNeverCounts() {
        Rows rows =
                Rows.ofAccuracy()
                        .model("filter", 1, 1, 0)
                        .relearn("filter", 1, 1e-3, 0, 0.1, 0.3)
                        .model("unlearn-maxent", 1, 1, 0)
                        .relearn("unlearn-maxent", 1, 1e-3, 0, 0.5, 1)
                        .model("distill-maxent", 1, 1, 0)
                        // It reports a harmless 0 from the step on at which it diverged.
                        .relearn("distill-maxent", 1, 3e-3, 0, 0.1, 0, 0)
                        .diverged("distill-maxent", 1, 3e-3, 50);
        Findings alone = rows.judgedBy(ACCURACY);
        assertEquals(OptionalDouble.empty(), alone.area("distill-maxent", 1));
        assertEquals(OptionalDouble.empty(), alone.robustness("distill-maxent", 1));
        Findings withAnother =
                rows.relearn("distill-maxent", 1, 1e-3, 0, 0.2, 0.4).judgedBy(ACCURACY);
        assertEquals(0.26, withAnother.area("distill-maxent", 1).orElseThrow(), 1e-12);
        assertEquals(
                List.of("distill-maxent (seed 1) under relearn at 0.003, step 50"),
                withAnother.divergences());
    }

    @Test
    void aModelThatLostTooMuchGetsNoRobustness() {
        Rows rows =
                Rows.ofAccuracy()
                        .model("filter", 1, 1, 0)
                        .relearn("filter", 1, 1e-3, 0, 0.1, 0.3)
                        .model("unlearn-maxent", 1, 1, 0)
                        .relearn("unlearn-maxent", 1, 1e-3, 0, 0.5, 1);
        Findings findings =
                rows.model("distill-maxent", 1, 0.95, 0)
                        .relearn("distill-maxent", 1, 1e-3, 0, 0.2, 0.4)
                        .model("undo-0.5", 1, 0.9499, 0)
                        .relearn("undo-0.5", 1, 1e-3, 0, 0.2, 0.4)
                        .judgedBy(ACCURACY);
        assertTrue(findings.robustness("distill-maxent", 1).isPresent());
        assertEquals(OptionalDouble.empty(), findings.robustness("undo-0.5", 1));
        assertFalse(findings.teacher("filter").isPresent());
        assertEquals("unlearn-maxent", findings.teacher("undo-0.5").orElseThrow());
        assertEquals("filter", findings.teacher("student-random").orElseThrow());
    }
}
