package dev.lethe.tools.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.results.Run;
import dev.lethe.tools.report.results.Thresholds;

import org.junit.jupiter.api.Test;

import java.util.List;

class RecoveryTextTest {
    private static List<String> lines(Findings findings) {
        return RecoveryText.of(findings, findings.claims());
    }

    private static String line(List<String> lines, String start) {
        return lines.stream().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    @Test
    void tellsCurvesAndVerdicts() {
        List<String> lines = lines(Rows.whole(1).judgedBy(Thresholds.ofAccuracy(50, 0.1)));
        assertEquals(
                "attack step              retain forget     0    10    50   100      A      R",
                line(lines, "attack step"));
        assertEquals(
                "base                       1.00   1.00     -     -     -     -      -      -",
                line(lines, "base"));
        assertEquals(
                "distill-maxent             0.97   0.00  0.00  0.20  0.40  0.60   0.26   0.81",
                line(lines, "distill-maxent"));
        assertEquals(
                "holds         distillation-robustifies-maxent: R of distill-maxent is at least"
                    + " 0.3; measured 0.813",
                line(lines, "holds         distillation-robustifies-maxent"));
    }

    @Test
    void drawsAccuraciesFromNothingToAll() {
        List<String> lines = lines(Rows.whole(1).judgedBy(Thresholds.ofAccuracy(50, 0.1)));
        assertEquals(
                "accuracy  F filter  U unlearn-maxent  D distill-maxent  N undo-0.8  * several",
                line(lines, "accuracy"));
        assertTrue(line(lines, "   1.0 |").endsWith("U".repeat(31)), line(lines, "   1.0 |"));
    }

    @Test
    void drawsCrossEntropiesWithWhatTheDefenderWantsBelow() {
        Run run = Miniature.language(4);
        List<String> lines = lines(Report.of(run).findings());
        int first = lines.indexOf(line(lines, "cross-entropy  F filter"));
        double top = Double.parseDouble(lines.get(first + 1).substring(0, 6).strip());
        double bottom = Double.parseDouble(lines.get(first + 11).substring(0, 6).strip());
        assertTrue(top < bottom, lines.toString());
    }
}
