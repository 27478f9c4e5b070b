package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.checkpoint.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Studies of any objective: those of this project and one of a user's own.
class StudyObjectiveTest {
    private static final int REFUSED = 2;
    private static final String[] SMALL = {
        "models=[base]",
        "eigenpairs={count: 1, tolerance: 1e-3, mostSteps: 80}",
        "density={probes: 2, steps: 4}",
        "traceDraws=2",
        "relearning.steps=2"
    };

    @TempDir private static Path directory;
    private static StudiedRun run;
    private static List<String> npo;

    @BeforeAll
    static void makeRun() throws IOException {
        run = StudiedRun.make(directory);
        Path jar = CompiledJar.npo(directory);
        npo =
                List.of(
                        "--objective-class", "Npo",
                        "--objective-jar", jar.toString(),
                        "--objective-set", "beta=0.2");
    }

    private static Invocation curvature(String objective, List<String> more) {
        String[] settings = new String[SMALL.length + 1];
        System.arraycopy(SMALL, 0, settings, 1, SMALL.length);
        settings[0] = "objective=" + objective;
        return run.study("curvature", List.of("toy"), more, settings);
    }

    @Test
    void anatomyHasTheUsersObjectiveBesideTheOthers() throws IOException {
        List<String> alone = new ArrayList<>(npo);
        alone.addAll(List.of("--objective-set", "alpha=0"));
        run.study(
                        "anatomy",
                        List.of("toy"),
                        alone,
                        "models=[base, unlearn-maxent]",
                        "drawn=[base]")
                .assertDone();
        run.assertWritten(
                "anatomy",
                "objectives-by-layer-base",
                "objectives-by-position-base",
                "objectives-by-position-last-base",
                "by-position-last-base",
                "cosines-by-layer-base");
        assertTrue(run.cell("anatomy", "unlearn-maxent", "npo_gradient_norm", "") > 0);
        // Where the model is still its own reference, NPO is gradient ascent; later it is not.
        String pair = "npo~graddiff.forget_ce";
        assertEquals(1, run.cell("anatomy", "base", "cosine", pair), 1e-12);
        assertEquals(1, run.cell("anatomy", "base", "group_cosine", "layer 0: " + pair), 1e-12);
        assertTrue(run.cell("anatomy", "unlearn-maxent", "cosine", pair) < 1 - 1e-6);
        double[] found = position("npo.by_position");
        assertTrue(found[0] > 0);
        String svg =
                Files.readString(
                        run.runs()
                                .resolve(
                                        "study-anatomy/figures/objectives-by-position-base.svg"));
        assertTrue(svg.contains("npo") && svg.contains("repnoise"), "a line of its own");
    }

    private static double[] position(String tensor) throws IOException {
        try (SafeTensors tensors =
                SafeTensors.open(
                        run.runs().resolve("study-anatomy/tensors.safetensors"))) {
            return tensors.entry("base." + tensor).toDoubles();
        }
    }

    /// The whole is what its terms are, weighted: at the run's alpha of 10.
    @Test
    void objectivesByPositionAreWritten() throws IOException {
        run.study("anatomy", "models=[base]", "drawn=[base]").assertDone();
        double[] whole = position("graddiff.by_position");
        double[] forget = position("graddiff.forget_ce.by_position");
        double[] retain = position("graddiff.retain_ce.by_position");
        for (int i = 0; i < whole.length; i++) {
            assertEquals(Math.hypot(forget[i], 10 * retain[i]), whole[i], 1e-12 * whole[0]);
        }
        assertTrue(position("repnoise.by_position")[0] > 0);
    }

    @Test
    void curvatureIsOfAnyObjective() throws IOException {
        for (String objective : List.of("retain-ce", "maxent", "rmu", "repnoise", "distill")) {
            curvature(objective, List.of()).assertDone();
            run.assertWritten("curvature", "eigenvalues-gauss-newton", "traces", "along");
            double largest =
                    run.cells("curvature", "hessian_eigenvalue").findFirst().orElseThrow().value();
            assertTrue(largest > 0, objective + " " + largest);
        }
        curvature("custom", npo).assertDone();
        run.assertWritten("curvature", "eigenvalues-hessian", "density-hessian");
        assertEquals(0, run.cells("curvature", "gauss_newton_trace").count(), "NPO has no terms");
        assertFalse(
                Files.readString(run.runs().resolve("study-curvature/report.html"))
                        .contains("eigenvalues-gauss-newton-"));
        String svg =
                Files.readString(
                        run.runs().resolve("study-curvature/figures/eigenvalues-hessian.svg"));
        assertTrue(svg.contains("npo"), "named by its class");
    }

    @Test
    void badInputIsOneLine() {
        curvature("custom", List.of())
                .assertOneLine(
                        REFUSED, "objective: custom: expected --objective-class CLASS", "add it");
        curvature("maxnet", List.of()).assertOneLine(REFUSED, "did you mean maxent?");
        run.study("paths", List.of("toy"), npo)
                .assertOneLine(REFUSED, "--objective-class: means nothing to paths");
        run.study("anatomy", List.of("toy"), List.of("--objective-class", "Npo"))
                .assertOneLine(REFUSED, "--objective-class: expected --objective-jar FILE");
        run.study(
                        "anatomy",
                        List.of("toy"),
                        List.of("--objective-class", "Gone", "--objective-jar", npo.get(3)))
                .assertOneLine(1, "objective Gone: expected a class of", "got none");
    }
}
