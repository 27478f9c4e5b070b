package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.tools.StudiedRun.Cell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `lethe study` on a run at toy size, from the command line to its files.
class StudyCommandTest {
    @TempDir private static Path directory;
    private static StudiedRun run;

    @BeforeAll
    static void makeRun() throws IOException {
        run = StudiedRun.make(directory);
    }

    @Test
    void listShowsEveryStudyInALine() throws IOException {
        Invocation list = Invocation.of("study", "--list").assertDone();
        assertEquals(6, list.out().lines().count(), list.out());
        assertTrue(list.out().startsWith("anatomy "), list.out());
        JsonNode json =
                new JsonMapper().readTree(Invocation.of("study", "--list", "--json").out());
        assertEquals(6, json.size());
    }

    @Test
    void anatomyComparesClosedFormsAndCosines() throws IOException {
        run.study("anatomy", "drawn=[base]").assertDone();
        run.assertWritten(
                "anatomy", "logit-gradient", "by-layer-base", "by-position-base", "cosines-base");
        assertTrue(
                run.cells("anatomy").stream()
                        .filter(cell -> cell.quantity().endsWith("_closed_form_apart"))
                        .peek(cell -> assertTrue(cell.value() < 1e-12, cell.toString()))
                        .count()
                        > 20);
        // A model is its own distillation's goal.
        double left =
                run.cell("anatomy", "unlearn-maxent", "distill.kl_token_norm", "after_cap");
        assertTrue(left < 1e-7, "got " + left);
        assertTrue(run.cell("anatomy", "base", "distill.kl_token_norm", "after_cap") > 1e-3);
        double whole = run.cell("anatomy", "base", "graddiff_gradient_norm", "");
        double squares =
                run.cells("anatomy", "graddiff_norm")
                        .filter(c -> c.model().equals("base"))
                        .filter(c -> c.part().matches("layer.*|embedding|final norm"))
                        .filter(c -> !c.part().equals("embedding") || c.value() > 0)
                        .mapToDouble(c -> c.value() * c.value())
                        .sum();
        double embedding = run.cell("anatomy", "base", "graddiff_norm", "embedding");
        // The embedding is a layer and a kind, so it is there twice.
        assertEquals(whole, Math.sqrt(squares - embedding * embedding), 1e-9 * whole);
    }

    @Test
    void curvatureHasErrorsAndTheWayOfRelearning() throws IOException {
        run.study(
                        "curvature",
                        "models=[unlearn-maxent, filter]",
                        "eigenpairs.count=2",
                        "eigenpairs.tolerance=1e-6",
                        "eigenpairs.mostSteps=60",
                        "density={probes: 2, steps: 8}",
                        "traceDraws=4",
                        "relearning.steps=2")
                .assertDone();
        run.assertWritten(
                "curvature", "eigenvalues-hessian", "density-gauss-newton", "traces", "along");
        double first =
                run.cells("curvature", "gauss_newton_eigenvalue").findFirst().orElseThrow().value();
        double second =
                run.cells("curvature", "gauss_newton_eigenvalue")
                        .skip(1)
                        .findFirst()
                        .orElseThrow()
                        .value();
        assertTrue(first > second && second > 0, first + " and " + second);
        assertTrue(
                run.cells("curvature", "hessian_trace").allMatch(c -> c.low() < c.value()),
                "an estimate has an interval");
        double along = run.cell("curvature", "filter", "gauss_newton", "relearning");
        double most =
                run.cells("curvature", "gauss_newton_eigenvalue")
                        .filter(c -> c.model().equals("filter"))
                        .findFirst()
                        .orElseThrow()
                        .value();
        assertTrue(along > 0 && along <= most, "no direction is sharper: " + along + ", " + most);
        assertTrue(run.cell("curvature", "filter", "slope", "descent") < 0);
    }

    @Test
    void pathsMeetAtTheirEndsAndReachMadeModels() throws IOException {
        run.study(
                        "paths",
                        "lines=[{from: base, to: unlearn-maxent}, {from: unlearn-maxent, to:"
                            + " unlearn-maxent+relearned}, {from: filter, to: filter+fresh}]",
                        "points=3",
                        "margin=0",
                        "plane.points=3",
                        "relearning.steps=2")
                .assertDone();
        run.assertWritten("paths", "line-forget-ce", "line-retain-accuracy", "plane-forget-ce");
        double end = at("base to unlearn-maxent", "1");
        double start = at("unlearn-maxent to unlearn-maxent+relearned", "0");
        assertEquals(end, start, 1e-14);
        assertTrue(run.cell("paths", "filter to filter+fresh", "distance", "") > 1);
        assertTrue(at("unlearn-maxent to unlearn-maxent+relearned", "1") < start);
    }

    private static double at(String line, String t) throws IOException {
        return run.cells("paths", "forget_ce")
                .filter(cell -> cell.model().equals(line) && cell.at().equals(t))
                .findFirst()
                .orElseThrow()
                .value();
    }

    @Test
    void influencePredictsWhatAStepGains() throws IOException {
        run.study("influence", "models=[unlearn-maxent]", "examples=4", "rate=1e-4").assertDone();
        run.assertWritten(
                "influence",
                "gain-unlearn-maxent",
                "examples-unlearn-maxent",
                "gram-unlearn-maxent");
        List<Cell> second = run.cells("influence", "gain_second_order").toList();
        List<Cell> measured = run.cells("influence", "gain_measured").toList();
        assertTrue(measured.size() == 4 || measured.size() == 3, measured.toString());
        for (int i = 0; i < measured.size(); i++) {
            assertEquals(
                    measured.get(i).value(),
                    second.get(i).value(),
                    1e-3 * Math.abs(measured.get(i).value()));
            assertTrue(measured.get(i).part().matches("\\d+[*/]\\d+=\\d*"), measured.toString());
        }
        try (SafeTensors raw = influenceTensors()) {
            String norm = "unlearn-maxent.gradients.model.norm.weight";
            assertEquals(List.of((long) measured.size(), 16L), raw.entry(norm).shape());
            double[] squares = new double[measured.size()];
            for (String name : raw.names()) {
                if (name.startsWith("unlearn-maxent.gradients.")) {
                    double[] values = raw.entry(name).toDoubles();
                    for (int i = 0; i < values.length; i++) {
                        squares[i / (values.length / squares.length)] += values[i] * values[i];
                    }
                }
            }
            double[] norms = raw.entry("unlearn-maxent.norms").toDoubles();
            double[] projections = raw.entry("unlearn-maxent.forget_projections").toDoubles();
            for (int i = 0; i < squares.length; i++) {
                assertEquals(norms[i], Math.sqrt(squares[i]), 1e-12 * norms[i]);
                assertTrue(Math.abs(projections[i]) <= norms[i]);
            }
        }
        Invocation small =
                run.study(
                        "influence",
                        "models=[unlearn-maxent]",
                        "examples=4",
                        "gradientsMiB=0.01");
        small.assertDone();
        try (SafeTensors raw = influenceTensors()) {
            assertTrue(raw.names().stream().noneMatch(name -> name.contains(".gradients.")));
            assertTrue(raw.names().contains("unlearn-maxent.norms"));
        }
    }

    private static SafeTensors influenceTensors() {
        return SafeTensors.open(run.runs().resolve("study-influence/tensors.safetensors"));
    }

    @Test
    void trajectoriesEndWhereTheRunDid() throws IOException {
        Invocation done = run.study("trajectory", "looks=2", "attack.steps=2").assertDone();
        assertTrue(done.out().contains("ended with the bits of the stored model"), done.out());
        run.assertWritten(
                "trajectory",
                "unlearning-distance",
                "unlearning-ranks",
                "relearning-undone",
                "relearning-layers");
        // RMU trains two matrices and nothing else.
        assertEquals(
                0, run.cell("trajectory", "unlearn-rmu", "unlearning_distance", "embedding"));
        double distance =
                run.cells("trajectory", "unlearning_distance")
                        .filter(c -> c.model().equals("unlearn-rmu") && c.part().isEmpty())
                        .mapToDouble(Cell::value)
                        .max()
                        .orElseThrow();
        assertTrue(distance > 0);
        double undone =
                run.cells("trajectory", "undone_share")
                        .filter(c -> c.model().equals("unlearn-maxent") && c.at().equals("2"))
                        .findFirst()
                        .orElseThrow()
                        .value();
        assertTrue(Double.isFinite(undone) && undone != 0, "got " + undone);
    }

    @Test
    void trajectoriesAreLookedAtEverySoManySteps() throws IOException {
        run.study(
                        "trajectory",
                        "every=2",
                        "unlearning=[unlearn-maxent, unlearn-rmu]",
                        "relearning=[unlearn-maxent]",
                        "attack.steps=4")
                .assertDone();
        run.assertWritten(
                "trajectory", "unlearning-pull-unlearn-rmu", "relearning-pull-unlearn-maxent");
        assertEquals(List.of("0", "2", "3"), steps("unlearn-maxent", "unlearning", "layer 0"));
        assertEquals(List.of("0", "2", "4"), steps("unlearn-maxent", "relearning", "layer 0"));
        // RMU moves two matrices of layers, so nothing else is pulled at.
        assertEquals(List.of(), steps("unlearn-rmu", "unlearning", "embedding"));
        assertEquals(List.of("0", "2", "3"), steps("unlearn-rmu", "unlearning", "layer 1"));
        double squares =
                run.cells("trajectory", "relearning_objective_gradient_norm")
                        .filter(c -> c.at().equals("4"))
                        .mapToDouble(c -> c.value() * c.value())
                        .sum();
        double whole =
                run.cells("trajectory", "relearning_forget_gradient_norm")
                        .filter(c -> c.at().equals("4"))
                        .findFirst()
                        .orElseThrow()
                        .value();
        assertEquals(whole, Math.sqrt(squares), 1e-12 * whole);
    }

    private static List<String> steps(String model, String training, String layer)
            throws IOException {
        return run.cells("trajectory", training + "_objective_gradient_norm")
                .filter(c -> c.model().equals(model) && c.part().equals(layer))
                .map(Cell::at)
                .toList();
    }

    @Test
    void predictorsNeedModelsWithRobustness() throws IOException {
        Path copy = run.recovering("recovering");
        Invocation.of(
                        "study",
                        "robustness-predictors",
                        "--from",
                        copy.toString(),
                        "--runs",
                        run.runs().toString(),
                        "--quiet",
                        "--set",
                        "tokens=40",
                        "--set",
                        "traceDraws=2",
                        "--set",
                        "barrierPoints=3")
                .assertDone();
        run.assertWritten("robustness-predictors", "correlations", "predictor-1");
        assertEquals(
                0,
                run.cell("robustness-predictors", "unlearn-rmu (42)", "robustness", ""),
                "by definition");
        double r =
                run.cell(
                        "robustness-predictors",
                        "all",
                        "spearman",
                        "distance to base (share of its length)");
        assertTrue(Math.abs(r) <= 1, "got " + r);
    }

    /// Before the rows are made.
    @Test
    void moreTokensThanTheHeapHoldsSayWhatTheyNeed() {
        run.study("influence", "tokens=2000000000")
                .assertOneLine(
                        2,
                        "batch: ",
                        " of each role need ",
                        " MiB, expected at most ",
                        "lower tokens (--set tokens=N)");
    }

    @Test
    void directoriesAreStudiedOnRowsOfAFile() throws IOException {
        Path golden = GoldenCase.A_tiny.folder();
        Path out = directory.resolve("golden");
        Invocation done =
                Invocation.of(
                        "study",
                        "anatomy",
                        "--from",
                        golden.toString(),
                        "--batch",
                        golden.resolve("inputs.safetensors").toString(),
                        "--out",
                        out.toString(),
                        "--set",
                        "losses.graddiff=0.7",
                        "--json",
                        "--quiet");
        done.assertDone();
        assertEquals("anatomy", new JsonMapper().readTree(done.out()).path("study").textValue());
        double expected =
                GoldenCase.A_tiny.expected().at("/losses/graddiff/total").asDouble();
        String loss =
                Files.readAllLines(out.resolve("results.csv")).stream()
                        .filter(row -> row.startsWith("anatomy,A_tiny,graddiff_loss,"))
                        .findFirst()
                        .orElseThrow();
        assertEquals(expected, Double.parseDouble(loss.split(",")[5]), 1e-9);
    }
}
