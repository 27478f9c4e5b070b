package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.tools.experiment.Toy;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// `lethe run` on a whole study at toy size, and what it says of bad input.
class ExperimentCommandTest {
    private static final int FAILED = 1;
    private static final int REFUSED = 2;

    @TempDir private Path directory;
    private Path toy;

    @BeforeEach
    void writeToy() throws IOException {
        toy = Toy.write(directory);
    }

    private List<String> arguments(String runs, String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of("run", toy.toString(), "--runs", directory.resolve(runs).toString()));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private Invocation run(String runs, String... more) {
        return Invocation.of(arguments(runs, more));
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).map(root::relativize).sorted().toList();
        }
    }

    private JsonNode json(Invocation invocation) throws IOException {
        assertEquals(1, invocation.out().lines().count(), invocation.out());
        return new JsonMapper().readTree(invocation.out());
    }

    /// The stage's directory, found or not.
    private Path stage(String runs, String name) throws IOException {
        for (JsonNode one : json(run(runs, "--list", "--json").assertDone()).path("stages")) {
            if (one.path("stage").textValue().equals(name)) {
                return Path.of(one.path("directory").textValue());
            }
        }
        throw new AssertionError(name + " is not among the stages");
    }

    @Test
    void makesEverythingOnceAndTheSameForAnyNumberOfThreads() throws IOException {
        Invocation first = run("one", "--seeds", "2").assertDone();
        assertTrue(first.out().contains("unlearn-maxent-repnoise"), first.out());
        assertTrue(first.out().contains("retain-kept"), first.out());
        assertTrue(first.err().contains("stages to make"), first.err());
        assertTrue(first.err().contains("seed 43 student-reference: "), first.err());
        Path results = directory.resolve("one/toy");
        for (String file :
                List.of(
                        "report.html",
                        "config.yaml",
                        "summary.json",
                        "answers.json",
                        "series.csv",
                        "figures/kl-students.svg",
                        "figures/pareto.png")) {
            assertTrue(Files.size(results.resolve(file)) > 0, file);
        }
        List<Path> stages = files(directory.resolve("one/stages"));
        String rows = Files.readString(results.resolve("results.csv"));
        // 13 attacked models of two seeds have a rate that no training survives.
        assertEquals(26, rows.lines().filter(row -> row.contains(",diverged,1,")).count());
        assertTrue(rows.contains("toy,43,undo-0.75,maxent,0.75,0.1,relearn-half,0.001,4,"), rows);
        JsonNode summary =
                new JsonMapper().readTree(results.resolve("summary.json").toFile());
        assertEquals(28, summary.path("models").size());
        assertEquals(9, summary.path("claims").size());

        Invocation second = run("one", "--seeds", "2", "--json").assertDone();
        assertTrue(second.err().contains("nothing to train"), second.err());
        assertEquals(summary, json(second), "time and memory are those of the run that made it");
        assertEquals(stages, files(directory.resolve("one/stages")));

        run("two", "--seeds", "2", "--threads", "1").assertDone();
        assertEquals(stages, files(directory.resolve("two/stages")));
        for (Path file : stages) {
            assertSame("one/stages", "two/stages", file);
        }
        assertSame("one/toy", "two/toy", Path.of("results.csv"));
        assertSame("one/toy", "two/toy", Path.of("answers.json"));

        toy = results.resolve("config.yaml");
        Invocation again = run("one", "--seeds", "2").assertDone();
        assertTrue(again.err().contains("nothing to train"), again.err());
    }

    private void assertSame(String one, String other, Path file) throws IOException {
        Path first = directory.resolve(one).resolve(file);
        Path second = directory.resolve(other).resolve(file);
        assertEquals(-1, Files.mismatch(first, second), file.toString());
    }

    @Test
    void whatTheFileSaysWrongIsOneLineBeforeAnyWork() throws IOException {
        refused("task: arithmetic", "tsak: arithmetic", "unknown key tsak; did you mean task?");
        refused("c: 6", "", "unlearning.rmu: expected a key c, got none");
        refused("alphas: [0.25, 0.75]", "alphas: [0.25, 1.5]", "undo: alphas", "got 1.5");
        refused("beta: 0.1", "beta: -1", "perturb: beta: expected", "got -1.0");
        refused("rho: 0.05", "rho: high", "guards.sam.rho: expected a number, got high");
        refused("layer: 1", "layer: 2", "rmu: layer", "expected 0 to 1");
        refused("heads: 2", "heads: 3", "hidden_size: expected a multiple");
        refused("horizon: 2", "horizon: 3", "thresholds: horizon: expected one of");
        refused("[0, 1, 2, 4]", "[0, 2, 1, 4]", "lookAt: expected steps rising from 0");
        refused("experiment: toy", "experiment: ../toy", "experiment: expected a name");
        refused("experiment: toy", "experiment: [toy", "expected YAML, got");
        refused("experiment: toy", "experiment: toy\nexperiment: too", "Duplicate");
        assertFalse(Files.exists(directory.resolve("runs")));
    }

    @Test
    void aMixWhoseSharesAreNoneIsOneLineBeforeAnyWork() throws IOException {
        refused(
                "add: 0.2125",
                "add: 0.1125",
                "toy.yaml: mixtures: mixed: expected shares that sum to 1, got copy 0.15, add 0.1125,"
                        + " sub 0.2125, mul 0.2125, div 0.2125, which sum to 0.9; correct them");
        String forget = "{mul: 0.5, div: 0.5}";
        refused(
                forget,
                "{mul: -0.5, div: 1}",
                "mixtures: forget: mul: expected a share from 0 to 1, got -0.5; correct it");
        refused(forget, "{mul: NaN, div: 1}", "mixtures.forget.mul: expected a number, got NaN");
        refused(forget, "{mul: .nan, div: 1}", "expected YAML", "'.nan' at line 8; correct it");
        refused(forget, "{}", "mixtures: forget: expected shares that sum to 1, got none");
        refused(
                forget,
                "{mul: 0, div: 0}",
                "mixtures: forget: expected shares that sum to 1, got none, which sum to 0;");
        refused(forget, "{mlu: 1}", "mixtures.forget: unknown key mlu; did you mean mul?");
        refused(
                forget,
                "{add: 1}",
                "mixtures: forget: expected shares of mul, div, got add; leave it out");
        refused(
                forget,
                "{korean: 1}",
                "mixtures: forget: expected shares of mul, div, got korean; leave it out");
        run("runs", "--set", "mixtures.mixed.add=0.5")
                .assertOneLine(REFUSED, "mixtures: mixed: expected shares that sum to 1", "1.2875");
        assertFalse(Files.exists(directory.resolve("runs")));
    }

    private void refused(String instead, String written, String... parts) throws IOException {
        String whole = Files.readString(toy);
        assertTrue(whole.contains(instead), instead);
        Files.writeString(toy, whole.replaceFirst(Pattern.quote(instead), written));
        run("runs").assertOneLine(REFUSED, parts);
        Files.writeString(toy, whole);
    }

    @Test
    void whatTheCommandLineSaysWrongIsOneLine() {
        run("runs", "--set", "undo.alhpas=[0.5]")
                .assertOneLine(REFUSED, "--set: unknown key alhpas; did you mean alphas?");
        run("runs", "--set", "undo.alphas=[0.5, 2]").assertOneLine(REFUSED, "got 2.0");
        run("runs", "--set", "undo.alphas").assertOneLine(REFUSED, "--set: expected a.b=c");
        run("runs", "--seeds", "0").assertOneLine(REFUSED, "--seeds: expected at least 1, got 0");
        run("runs", "--launcher", "slurm").assertOneLine(REFUSED, "--launcher: expected local");
        Invocation.of("run", "arithmetic-minature")
                .assertOneLine(REFUSED, "did you mean arithmetic-miniature?");
        Invocation.of("demo", "arithmetics")
                .assertOneLine(REFUSED, "expected arithmetic or language");
        assertFalse(Files.exists(directory.resolve("runs")));
    }

    @Test
    void aPlaceThatCannotBeWrittenIsToldBeforeAnyWork() throws IOException {
        Files.writeString(directory.resolve("file"), "");
        run("file", "--quiet").assertOneLine(FAILED, "file", "expected a place");
    }

    @Test
    void aStageThatFailsStopsTheRunAndLeavesTheOthers() throws IOException {
        run("runs", "--quiet", "--set", "pretraining.rate=1e30", "--set", "pretraining.lastRate=1e29")
                .assertOneLine(FAILED, "training diverged at step", "lower the learning rate");
        run("runs", "--quiet", "--set", "distillation.rate=1e30", "--set", "distillation.warmUp=0")
                .assertOneLine(FAILED, "training diverged at step");
        assertTrue(Files.exists(stage("runs", "base").resolve("DONE")));
        assertFalse(Files.exists(directory.resolve("runs/toy/report.html")));
        run("runs").assertDone();
    }

    @Test
    void aDamagedStageIsToldAndNotUsed() throws IOException {
        run("runs").assertDone();
        Path weights = stage("runs", "base").resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 3] ^= 1;
        Files.write(weights, bytes);
        run("runs", "--quiet")
                .assertOneLine(
                        FAILED, weights + ": damaged: expected checksum", "remove the directory");
    }

    @Test
    void aStageOfAnotherFormatIsToldAndNotUsed() throws IOException {
        run("runs").assertDone();
        Path done = stage("runs", "filter").resolve("DONE");
        String text = Files.readString(done);
        Files.writeString(done, text.replaceFirst("\"format\" : \\d+", "\"format\" : 99"));
        run("runs", "--quiet")
                .assertOneLine(FAILED, done.getParent() + ": stage of format 99, expected format");
    }

    @Test
    void aSecondProcessWaitsAndSaysSo() throws Exception {
        Path base = stage("runs", "base");
        Files.createDirectories(base.getParent());
        Process other =
                ChildJvm.start(List.of(), LockHolder.class, base + ".lock");
        try (BufferedReader output = other.inputReader()) {
            String line = output.readLine();
            while (line != null && !line.equals("locked")) {
                line = output.readLine();
            }
            assertEquals("locked", line);
            CompletableFuture<Invocation> run = CompletableFuture.supplyAsync(() -> run("runs"));
            // What waits for nothing is made meanwhile.
            while (!Files.exists(stage("runs", "filter")) && !run.isDone()) {
                Thread.sleep(20);
            }
            assertFalse(run.isDone());
            assertFalse(Files.exists(base));
            other.outputWriter().write("\n");
            other.outputWriter().flush();
            assertEquals(0, other.waitFor());
            Invocation made = run.get().assertDone();
            assertTrue(
                    made.err().contains("lethe: base: another process is making it (" + base),
                    made.err());
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "needs env --default-signal of GNU coreutils")
    void anInterruptedRunGoesOnWithTheSameBits() throws Exception {
        run("whole").assertDone();
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(Invocation.childCommand(List.of(), arguments("broken")));
        Process process = new ProcessBuilder(command).start();
        try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
            List<String> lines = new ArrayList<>();
            String line = err.readLine();
            while (line != null && !line.startsWith("lethe: unlearn-")) {
                lines.add(line);
                line = err.readLine();
            }
            assertTrue(line != null, lines.toString());
            assertEquals(
                    0,
                    new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                            .start()
                            .waitFor());
            err.lines().forEach(lines::add);
            assertEquals(130, process.waitFor(), lines.toString());
            assertTrue(
                    lines.contains("lethe: interrupted; the same command goes on from here"),
                    lines.toString());
        } finally {
            process.destroyForcibly();
        }
        Invocation rest = run("broken").assertDone();
        assertFalse(rest.err().contains("lethe: base: "), rest.err());
        List<Path> stages = files(directory.resolve("whole/stages"));
        assertEquals(stages, files(directory.resolve("broken/stages")));
        for (Path file : stages) {
            assertSame("whole/stages", "broken/stages", file);
        }
        assertSame("whole/toy", "broken/toy", Path.of("results.csv"));
        assertEquals(
                List.of(),
                Arrays.stream(directory.resolve("broken/toy").toFile().list())
                        .filter(name -> name.startsWith("."))
                        .toList());
    }
}
