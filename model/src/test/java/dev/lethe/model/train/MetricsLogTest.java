package dev.lethe.model.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.lethe.model.checkpoint.CheckpointException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/// `metrics.jsonl`: what stands in it, and that it stands there at once.
class MetricsLogTest {
    @TempDir private Path directory;

    private static StepReport report() {
        SequencedMap<String, Double> terms = new LinkedHashMap<>();
        terms.put("forget_ce", 2.5);
        terms.put("retain_ce", 1.25);
        return new StepReport(3, -1.5, terms, 1e-3, 0.75, 640, 0.5);
    }

    private static Check.Outcome outcome() {
        SequencedMap<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("forget_accuracy", 0.25);
        return new Check.Outcome(metrics, false);
    }

    @Test
    void writesOneLineAStepAndACheckAtOnceInEveryLocale() throws IOException {
        Path file = directory.resolve("metrics.jsonl");
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.GERMANY);
        try (MetricsLog log = new MetricsLog(file)) {
            log.onCheck(0, outcome());
            assertEquals(1, Files.readAllLines(file).size(), "before it is closed");
            log.onStep(report());
            assertEquals(2, Files.readAllLines(file).size(), "before it is closed");
        } finally {
            Locale.setDefault(before);
        }
        List<String> lines = Files.readAllLines(file);
        assertEquals("{\"step\":0,\"forget_accuracy\":0.25}", lines.getFirst());
        JsonNode step = new ObjectMapper().readTree(lines.getLast());
        assertEquals(
                List.of(
                        "step",
                        "loss",
                        "forget_ce",
                        "retain_ce",
                        "learning_rate",
                        "gradient_norm",
                        "tokens"),
                step.properties().stream().map(entry -> entry.getKey()).toList());
        assertEquals(3, step.required("step").intValue());
        assertEquals(-1.5, step.required("loss").doubleValue());
        assertEquals(1.25, step.required("retain_ce").doubleValue());
        assertEquals(1e-3, step.required("learning_rate").doubleValue());
        assertEquals(0.75, step.required("gradient_norm").doubleValue());
        assertEquals(640, step.required("tokens").intValue());
    }

    @Test
    void refusesAPlaceThatCannotBeWritten() {
        Path file = directory.resolve("none").resolve("metrics.jsonl");
        String message =
                assertThrows(CheckpointException.class, () -> new MetricsLog(file)).getMessage();
        assertTrue(message.contains(file + ": cannot write"), message);
        assertTrue(message.contains("expected a writable place"), message);
    }

    private static StepReport step(long number) {
        return new StepReport(number, number, new LinkedHashMap<>(), 1e-3, 1, 64, 0.25);
    }

    /// Steps 1 to 3 with a look before the first and after the second and third.
    private Path log() {
        Path file = directory.resolve("metrics.jsonl");
        try (MetricsLog log = new MetricsLog(file)) {
            log.onCheck(0, outcome());
            log.onStep(step(1));
            log.onStep(step(2));
            log.onCheck(2, outcome());
            log.onStep(step(3));
            log.onCheck(3, outcome());
        }
        return file;
    }

    @Test
    void goesOnRightAfterAStepAndBeforeItsCheck() throws IOException {
        Path file = log();
        List<String> whole = Files.readAllLines(file);
        Files.writeString(file, "{\"step\":4,\"los", StandardOpenOption.APPEND);
        try (MetricsLog log = new MetricsLog(file, 2)) {
            assertEquals(whole.subList(0, 3), Files.readAllLines(file));
            log.onCheck(2, outcome());
            log.onStep(step(3));
            log.onCheck(3, outcome());
        }
        assertEquals(whole, Files.readAllLines(file));
        new MetricsLog(file, 0).close();
        assertEquals(0, Files.size(file));
    }

    @Test
    void refusesToGoOnAfterAStepThatItLacks() {
        Path file = log();
        String message =
                assertThrows(CheckpointException.class, () -> new MetricsLog(file, 4)).getMessage();
        assertTrue(message.contains("expected a line for step 4"), message);
        assertTrue(message.contains("remove the directory " + directory), message);
    }

    @Test
    void tellsWhatChecksSawAlsoWhereItWasNoNumber() {
        Path file = directory.resolve("metrics.jsonl");
        try (MetricsLog log = new MetricsLog(file)) {
            log.onStep(step(1));
            SequencedMap<String, Double> seen = new LinkedHashMap<>();
            seen.put("forget_ce", Double.POSITIVE_INFINITY);
            seen.put("retain_ce", 1.0 / 3);
            SequencedMap<String, String> texts = new LinkedHashMap<>();
            texts.put("7*8=", "\"\u0007\uFFFD");
            log.onCheck(1, new Check.Outcome(seen, texts, false));
            log.onCheck(2, new Check.Outcome(seen, false));
            assertEquals(
                    List.of(
                            new MetricsLog.Look(1, seen, texts),
                            new MetricsLog.Look(2, seen, new LinkedHashMap<>())),
                    MetricsLog.looks(file));
        }
    }
}
