package dev.lethe.tools.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class RecoveryTextTest {
    private final List<String> lines =
            RecoveryText.of(new Findings(List.of(Examples.seed(42)), Examples.THRESHOLDS));

    private String line(String start) {
        return lines.stream().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    @Test
    void tellsAccuraciesCurvesAndVerdicts() {
        assertEquals(
                "base               1.000   1.000   1.000   1.000    1.000   1.000", line("base"));
        assertEquals("attack step          0    10    50   100      A      R", line("attack step"));
        String last =
                lines.stream().filter(line -> line.startsWith("distill-maxent")).toList().getLast();
        assertEquals("distill-maxent    0.30  0.30  0.30  0.30   0.30   0.75", last);
        assertEquals(
                "holds       distillation-robustifies-maxent: R(distill-maxent) is at least 0.3;"
                        + " measured 0.750",
                lines.get(lines.size() - 2));
    }

    @Test
    void drawsEachModelAtItsHeight() {
        assertTrue(line("   0.9 |").endsWith("U".repeat(61)), line("   0.9 |"));
        assertTrue(line("   0.3 |").endsWith("D".repeat(61)), line("   0.3 |"));
        assertTrue(line("   0.1 |").endsWith("F".repeat(61)), line("   0.1 |"));
    }

    @Test
    void fitsATerminal() {
        assertTrue(lines.stream().allMatch(line -> line.length() <= 120), lines.toString());
    }
}
