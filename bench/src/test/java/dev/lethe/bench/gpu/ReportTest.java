package dev.lethe.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.bench.gpu.Finding.Verdict;
import dev.lethe.bench.gpu.PartResult.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What parts found, as it is judged, kept and shown.
class ReportTest {
    private static final Card CARD =
            new Card("NVIDIA H100 80GB HBM3", "NVIDIA H100 80GB HBM3, 79 GiB", false);

    @TempDir Path folder;

    private static PartResult result(String part, Status status, Findings findings) {
        return new PartResult(part, status, 1.5, "a | b", "cuda", "abc", "now", findings.all());
    }

    @Test
    void aCardIsKnownByItsName() {
        assertEquals(Optional.of(989.4e12), Card.peak("NVIDIA H100 80GB HBM3"));
        assertEquals(Optional.of(756.5e12), Card.peak("NVIDIA H100 PCIe"));
        assertEquals(Optional.of(989.4e12), Card.peak("NVIDIA H200"));
        assertEquals(Optional.of(312e12), Card.peak("NVIDIA A100-SXM4-80GB"));
        assertEquals(Optional.of(125e12), Card.peak("NVIDIA A10"));
        assertEquals(Optional.of(165.2e12), Card.peak("NVIDIA GeForce RTX 4090"));
        assertEquals(Optional.of(2250e12), Card.peak("NVIDIA B200"));
        assertEquals(Optional.of(2500e12), Card.peak("NVIDIA GB200"));
        assertEquals(Optional.of(121e12), Card.peak("NVIDIA L4"));
        assertEquals(Optional.empty(), Card.peak("NVIDIA H100 80GB HBM3 MIG 1g.10gb"));
        assertEquals(Optional.empty(), Card.peak("Simulated CUDA device"));
        assertEquals("nvidia-h100-80gb-hbm3", CARD.folder());
        assertEquals(0.30, CARD.targetShare());
        assertEquals(0.45, new Card("NVIDIA A100-SXM4-80GB", "", false).targetShare());
        assertEquals(0, new Card("Tesla T4", "", false).targetShare());
    }

    @Test
    void whatIsNoNumberFails() {
        Findings findings = new Findings();
        findings.atMost("fine", 1e-10, 1e-9);
        findings.target("slow", 0.9, "", 1.2);
        assertFalse(findings.failed());
        findings.atMost("broken", Double.NaN, 1e-9);
        assertTrue(findings.failed());
        assertEquals(Verdict.MISSED, findings.all().get(1).verdict());
    }

    @Test
    void distancesAreRelativeAndZerosMustBeZeros() {
        assertEquals(0.1, Distances.relative(new double[] {3, 4}, new double[] {3.3, 4.4}), 1e-12);
        assertEquals(0, Distances.relative(new double[2], new double[2]));
        assertEquals(
                Double.POSITIVE_INFINITY, Distances.relative(new double[2], new double[] {0, 1}));
        assertTrue(
                Double.isNaN(Distances.relative(new double[2], new double[] {0, Double.NaN})));
        assertThrows(
                IllegalStateException.class,
                () -> Distances.relative(new double[2], new double[3]));
    }

    @Test
    void resultsAreKeptAndShownInOrder() throws Exception {
        PartFiles files = new PartFiles(folder);
        Findings findings = new Findings();
        findings.atMost("gradient", 2e-10, 1e-9);
        files.write(Parts.named("bf16"), result("bf16", Status.FAILED, findings));
        files.write(Parts.named("golden"), result("golden", Status.PASSED, findings));
        PartResult read = files.read(Parts.named("golden")).orElseThrow();
        assertEquals(result("golden", Status.PASSED, findings), read);
        assertTrue(read.finished());
        files.report(CARD);
        String text = Files.readString(folder.resolve("report.md"));
        assertTrue(text.startsWith("# NVIDIA H100 80GB HBM3 (`cuda`)\n"), text);
        assertTrue(text.contains("| | gradient | 2.0000e-10 | at most 1.00e-09 | holds |"), text);
        assertTrue(text.contains("passed: a \\| b"), text);
        assertTrue(text.indexOf("**golden**") < text.indexOf("**bf16**"), text);
        Files.writeString(folder.resolve("parts/golden.json"), "{ half");
        assertEquals(Optional.empty(), files.read(Parts.named("golden")));
    }
}
