package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `lethe study` on several runs at once. They are copies of one, so equal questions have equal
/// answers.
class StudyOfRunsTest {
    private static final List<String> BOTH = List.of("toy", "again");
    private static final int REFUSED = 2;

    @TempDir private static Path directory;
    private static StudiedRun run;

    @BeforeAll
    static void makeRuns() throws IOException {
        run = StudiedRun.make(directory);
        run.copy("again");
    }

    @Test
    void modelsAreNamedByTheirRuns() throws IOException {
        run.study("anatomy", BOTH, List.of(), "models=[base, again/filter]", "drawn=[base]")
                .assertDone();
        run.assertWritten("anatomy", "cosines-toy-base", "objectives-by-layer-again-base");
        for (String quantity : List.of("rmu_gradient_norm", "repnoise_gradient_norm")) {
            assertEquals(
                    run.cell("anatomy", "toy/base", quantity, ""),
                    run.cell("anatomy", "again/base", quantity, ""));
        }
        assertTrue(run.cells("anatomy").stream().anyMatch(c -> c.model().equals("again/filter")));
        assertFalse(run.cells("anatomy").stream().anyMatch(c -> c.model().equals("toy/filter")));
        String page = Files.readString(run.runs().resolve("study-anatomy/report.html"));
        assertTrue(page.contains("2 runs (toy, again)"));
    }

    @Test
    void curvatureTakesTheAttackOfEachRun() throws IOException {
        run.study(
                        "curvature",
                        BOTH,
                        List.of(),
                        "models=[unlearn-maxent]",
                        "eigenpairs={count: 1, tolerance: 1e-4, mostSteps: 60}",
                        "density={probes: 2, steps: 4}",
                        "traceDraws=2",
                        "relearning.steps=2")
                .assertDone();
        double slope = run.cell("curvature", "toy/unlearn-maxent", "slope", "relearning");
        assertTrue(slope < 0, "the attack goes downhill: " + slope);
        assertEquals(slope, run.cell("curvature", "again/unlearn-maxent", "slope", "relearning"));
    }

    @Test
    void pathsLieWithinRunsAndBetweenThem() throws IOException {
        run.study(
                        "paths",
                        BOTH,
                        List.of(),
                        "lines=[{from: base, to: unlearn-maxent}, {from: toy/base, to:"
                            + " again/filter}]",
                        "plane={corners: [base, unlearn-maxent, filter], points: 2, margin: 0.1}",
                        "points=2",
                        "margin=0")
                .assertDone();
        run.assertWritten(
                "paths",
                "line-forget-ce-toy",
                "line-forget-ce-between-runs",
                "plane-forget-ce-again");
        double distance = run.cell("paths", "toy/base to toy/unlearn-maxent", "distance", "");
        assertTrue(distance > 0);
        assertEquals(
                distance, run.cell("paths", "again/base to again/unlearn-maxent", "distance", ""));
        assertTrue(run.cell("paths", "toy/base to again/filter", "distance", "") > distance);
    }

    /// A pool of a run with itself has the same ranks, from twice as many models.
    @Test
    void predictorsPoolTheModelsOfAllRuns() throws IOException {
        run.recovering("once");
        run.recovering("twice");
        String[] small = {"traceDraws=2", "barrierPoints=2"};
        String study = "robustness-predictors";
        run.study(study, List.of("once"), List.of(), small).assertDone();
        String number = "forget CE (nats a token)";
        double alone = run.cell(study, "all", "spearman", number);
        long models = run.cells(study, "robustness").count();
        Invocation pooled = run.study(study, List.of("once", "twice"), List.of(), small);
        pooled.assertDone();
        assertEquals(2 * models, run.cells(study, "robustness").count());
        assertEquals(alone, run.cell(study, "all", "spearman", number), 1e-12);
        assertTrue(
                pooled.out().contains("%d models of 2 runs together".formatted(2 * models)),
                pooled.out());
        assertTrue(
                run.cells(study, "spearman").anyMatch(c -> c.model().equals("without distill")));
        assertEquals(
                run.cell(study, "once/undo-0.25 (42)", "number", number),
                run.cell(study, "twice/undo-0.25 (42)", "number", number));
    }

    @Test
    void whatIsOfOneRunSaysSo() {
        for (String one : List.of("trajectory", "influence")) {
            run.study(one, BOTH, List.of())
                    .assertOneLine(
                            REFUSED,
                            one + ": expected one run, got toy and again; study them one by one");
        }
        run.study("anatomy", List.of("toy", "toy"), List.of())
                .assertOneLine(REFUSED, "--from: expected different runs", "leave one out");
    }
}
