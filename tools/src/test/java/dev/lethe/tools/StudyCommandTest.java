package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.tools.experiment.Toy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `lethe study` on a run at toy size, from the command line to its files.
class StudyCommandTest {
    @TempDir private static Path directory;
    private static Path runs;

    @BeforeAll
    static void makeRun() throws IOException {
        runs = directory.resolve("runs");
        String toy = Toy.write(directory).toString();
        Invocation.of("run", toy, "--runs", runs.toString(), "--quiet").assertDone();
    }

    /// On the toy run, with the numbers of a preset changed.
    private static Invocation study(String name, String... settings) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "study",
                                name,
                                "--from",
                                runs.resolve("toy").toString(),
                                "--runs",
                                runs.toString(),
                                "--quiet",
                                "--set",
                                "tokens=40"));
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        return Invocation.of(arguments);
    }

    private record Cell(
            String model, String quantity, String part, String at, double value, double low) {}

    private static List<Cell> cells(String name) throws IOException {
        List<String> lines = Files.readAllLines(runs.resolve("study-" + name + "/results.csv"));
        assertEquals("study,model,quantity,part,at,value,low,high", lines.getFirst());
        return lines.stream()
                .skip(1)
                .map(line -> line.split(",", -1))
                .map(
                        f ->
                                new Cell(
                                        f[1],
                                        f[2],
                                        f[3],
                                        f[4],
                                        number(f[5]),
                                        number(f[6])))
                .toList();
    }

    /// What has no number, such as the correlation of a constant, is empty.
    private static double number(String field) {
        return field.isEmpty() ? Double.NaN : Double.parseDouble(field);
    }

    private static Stream<Cell> cells(String name, String quantity) throws IOException {
        return cells(name).stream().filter(cell -> cell.quantity().equals(quantity));
    }

    private static double cell(String name, String model, String quantity, String part)
            throws IOException {
        return cells(name, quantity)
                .filter(cell -> cell.model().equals(model) && cell.part().equals(part))
                .findFirst()
                .orElseThrow()
                .value();
    }

    /// That page, configuration and tensors are there, and each figure says what it shows.
    private static void assertWritten(String name, String... figures) throws IOException {
        Path place = runs.resolve("study-" + name);
        String page = Files.readString(place.resolve("report.html"));
        for (String figure : figures) {
            String svg = Files.readString(place.resolve("figures/" + figure + ".svg"));
            assertTrue(svg.contains("aria-label=\""), figure);
            assertTrue(page.contains("id=\"" + figure + "-"), figure);
            assertTrue(Files.size(place.resolve("figures/" + figure + ".png")) > 0, figure);
        }
        assertTrue(Files.readString(place.resolve("config.yaml")).contains("tokens: 40"));
        try (SafeTensors tensors = SafeTensors.open(place.resolve("tensors.safetensors"))) {
            assertTrue(tensors.names().stream().allMatch(t -> tensors.entry(t).elements() > 0));
        }
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
        study("anatomy", "drawn=[base]").assertDone();
        assertWritten(
                "anatomy", "logit-gradient", "by-layer-base", "by-position-base", "cosines-base");
        assertTrue(
                cells("anatomy").stream()
                        .filter(cell -> cell.quantity().endsWith("_closed_form_apart"))
                        .peek(cell -> assertTrue(cell.value() < 1e-12, cell.toString()))
                        .count()
                        > 20);
        // A model is its own distillation's goal.
        double left =
                cell("anatomy", "unlearn-maxent", "distill.kl_token_norm", "after_cap");
        assertTrue(left < 1e-7, "got " + left);
        assertTrue(cell("anatomy", "base", "distill.kl_token_norm", "after_cap") > 1e-3);
        double whole = cell("anatomy", "base", "graddiff_gradient_norm", "");
        double squares =
                cells("anatomy", "graddiff_norm")
                        .filter(c -> c.model().equals("base"))
                        .filter(c -> c.part().matches("layer.*|embedding|final norm"))
                        .filter(c -> !c.part().equals("embedding") || c.value() > 0)
                        .mapToDouble(c -> c.value() * c.value())
                        .sum();
        double embedding = cell("anatomy", "base", "graddiff_norm", "embedding");
        // The embedding is a layer and a kind, so it is there twice.
        assertEquals(whole, Math.sqrt(squares - embedding * embedding), 1e-9 * whole);
    }

    @Test
    void curvatureHasErrorsAndTheWayOfRelearning() throws IOException {
        study(
                        "curvature",
                        "models=[unlearn-maxent, filter]",
                        "eigenpairs.count=2",
                        "eigenpairs.tolerance=1e-6",
                        "eigenpairs.mostSteps=60",
                        "density={probes: 2, steps: 8}",
                        "traceDraws=4",
                        "relearning.steps=2")
                .assertDone();
        assertWritten(
                "curvature", "eigenvalues-hessian", "density-gauss-newton", "traces", "along");
        double first =
                cells("curvature", "gauss_newton_eigenvalue").findFirst().orElseThrow().value();
        double second =
                cells("curvature", "gauss_newton_eigenvalue")
                        .skip(1)
                        .findFirst()
                        .orElseThrow()
                        .value();
        assertTrue(first > second && second > 0, first + " and " + second);
        assertTrue(
                cells("curvature", "hessian_trace").allMatch(c -> c.low() < c.value()),
                "an estimate has an interval");
        double along = cell("curvature", "filter", "gauss_newton", "relearning");
        double most =
                cells("curvature", "gauss_newton_eigenvalue")
                        .filter(c -> c.model().equals("filter"))
                        .findFirst()
                        .orElseThrow()
                        .value();
        assertTrue(along > 0 && along <= most, "no direction is sharper: " + along + ", " + most);
        assertTrue(cell("curvature", "filter", "slope", "descent") < 0);
    }

    @Test
    void pathsMeetAtTheirEndsAndReachMadeModels() throws IOException {
        study(
                        "paths",
                        "lines=[{from: base, to: unlearn-maxent}, {from: unlearn-maxent, to:"
                            + " unlearn-maxent+relearned}, {from: filter, to: filter+fresh}]",
                        "points=3",
                        "margin=0",
                        "plane.points=3",
                        "relearning.steps=2")
                .assertDone();
        assertWritten("paths", "line-forget-ce", "line-retain-accuracy", "plane-forget-ce");
        double end = at("base to unlearn-maxent", "1");
        double start = at("unlearn-maxent to unlearn-maxent+relearned", "0");
        assertEquals(end, start, 1e-14);
        assertTrue(cell("paths", "filter to filter+fresh", "distance", "") > 1);
        assertTrue(at("unlearn-maxent to unlearn-maxent+relearned", "1") < start);
    }

    private static double at(String line, String t) throws IOException {
        return cells("paths", "forget_ce")
                .filter(cell -> cell.model().equals(line) && cell.at().equals(t))
                .findFirst()
                .orElseThrow()
                .value();
    }

    @Test
    void influencePredictsWhatAStepGains() throws IOException {
        study("influence", "models=[unlearn-maxent]", "examples=4", "rate=1e-4").assertDone();
        assertWritten(
                "influence",
                "gain-unlearn-maxent",
                "examples-unlearn-maxent",
                "gram-unlearn-maxent");
        List<Cell> second = cells("influence", "gain_second_order").toList();
        List<Cell> measured = cells("influence", "gain_measured").toList();
        assertTrue(measured.size() == 4 || measured.size() == 3, measured.toString());
        for (int i = 0; i < measured.size(); i++) {
            assertEquals(
                    measured.get(i).value(),
                    second.get(i).value(),
                    1e-3 * Math.abs(measured.get(i).value()));
            assertTrue(measured.get(i).part().matches("\\d+[*/]\\d+=\\d*"), measured.toString());
        }
    }

    @Test
    void trajectoriesEndWhereTheRunDid() throws IOException {
        Invocation done = study("trajectory", "looks=2", "attack.steps=2").assertDone();
        assertTrue(done.out().contains("ended with the bits of the stored model"), done.out());
        assertWritten(
                "trajectory",
                "unlearning-distance",
                "unlearning-ranks",
                "relearning-undone",
                "relearning-layers");
        // RMU trains two matrices and nothing else.
        assertEquals(
                0, cell("trajectory", "unlearn-rmu", "unlearning_distance", "embedding"));
        double distance =
                cells("trajectory", "unlearning_distance")
                        .filter(c -> c.model().equals("unlearn-rmu") && c.part().isEmpty())
                        .mapToDouble(Cell::value)
                        .max()
                        .orElseThrow();
        assertTrue(distance > 0);
        double undone =
                cells("trajectory", "undone_share")
                        .filter(c -> c.model().equals("unlearn-maxent") && c.at().equals("2"))
                        .findFirst()
                        .orElseThrow()
                        .value();
        assertTrue(Double.isFinite(undone) && undone != 0, "got " + undone);
    }

    @Test
    void predictorsNeedModelsWithRobustness() throws IOException {
        Path copy = runs.resolve("recovering");
        Files.createDirectories(copy);
        for (String file : List.of("config.yaml", "summary.json", "results.csv")) {
            Files.copy(runs.resolve("toy/" + file), copy.resolve(file));
        }
        // The toy attack brings nothing back; give each model a recovery of its own.
        List<String> rows = new ArrayList<>();
        for (String row : Files.readAllLines(copy.resolve("results.csv"))) {
            rows.add(recovering(row));
        }
        Files.write(copy.resolve("results.csv"), rows);
        Invocation.of(
                        "study",
                        "robustness-predictors",
                        "--from",
                        copy.toString(),
                        "--runs",
                        runs.toString(),
                        "--quiet",
                        "--set",
                        "tokens=40",
                        "--set",
                        "traceDraws=2",
                        "--set",
                        "barrierPoints=3")
                .assertDone();
        assertWritten("robustness-predictors", "correlations", "predictor-1");
        assertEquals(
                0,
                cell("robustness-predictors", "unlearn-rmu (42)", "robustness", ""),
                "by definition");
        double r =
                cell(
                        "robustness-predictors",
                        "all",
                        "spearman",
                        "distance to base (share of its length)");
        assertTrue(Math.abs(r) <= 1, "got " + r);
    }

    private static String recovering(String row) {
        String[] f = row.split(",", -1);
        if (f[6].equals("relearn") && f[9].equals("forget_accuracy") && f[7].equals("0.001")) {
            double height =
                    f[2].equals("filter")
                            ? 0.1
                            : f[2].startsWith("unlearn-") && f[2].lastIndexOf('-') == 7
                                    ? 0.8
                                    : 0.2 + 0.05 * (f[2].length() % 7);
            f[10] = Double.toString(height);
        }
        if (f[9].equals("retain_accuracy")) {
            f[10] = "0.9";
        }
        return String.join(",", f);
    }

    /// Before the rows are made.
    @Test
    void moreTokensThanTheHeapHoldsSayWhatTheyNeed() {
        study("influence", "tokens=2000000000")
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
