package dev.lethe.tools.report.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lethe.tools.report.Miniature;
import dev.lethe.tools.report.Report;
import dev.lethe.tools.report.RunDirectory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class RunFilesTest {
    @TempDir private Path runs;

    private Path written(Run run) {
        Path place = runs.resolve(run.results().experiment());
        try (RunDirectory directory = RunDirectory.open(runs, run.results().experiment())) {
            Report report = Report.of(run);
            report.writeMeasurements(directory);
            directory.write(RunFiles.SUMMARY, RunFiles.json(report.summary()).toPrettyString());
            directory.publish();
        }
        return place;
    }

    private String error(Path place) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> RunFiles.read(place))
                        .getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    private static void replace(Path file, String from, String to) throws IOException {
        String text = Files.readString(file);
        assertTrue(text.contains(from), text);
        Files.writeString(file, text.replace(from, to));
    }

    @Test
    void aRunIsReadBackAsItWasWritten() {
        for (Run run : List.of(Miniature.arithmetic(1, 2), Miniature.language(3))) {
            Run judged = Report.of(run).run();
            assertEquals(judged, RunFiles.read(written(run)));
        }
    }

    @Test
    void theSummaryHasTheContractsNames() {
        JsonNode summary = RunFiles.json(Report.of(Miniature.arithmetic(1)).summary());
        for (String name :
                List.of(
                        "experiment",
                        "seeds",
                        "device",
                        "dtype",
                        "threads",
                        "seconds",
                        "peak_resident_bytes",
                        "models",
                        "claims")) {
            assertTrue(summary.has(name), name);
        }
        for (String name :
                List.of("name", "seed", "steps", "tokens", "flops", "teacher_flops", "stopped")) {
            assertTrue(summary.get("models").get(0).has(name), name);
        }
        assertEquals("steps", summary.get("models").get(0).get("stopped").asText());
        JsonNode claim = summary.get("claims").get(0);
        for (String name :
                List.of("name", "statement", "value", "interval", "threshold", "holds")) {
            assertTrue(claim.has(name), name);
        }
        assertTrue(claim.get("holds").asBoolean());
        assertEquals("holds", claim.get("verdict").asText());
    }

    @Test
    void saysInOneLineWhatIsWrong() throws IOException {
        Path place = written(Miniature.arithmetic(1));
        Files.delete(place.resolve(RunFiles.SERIES));
        assertEquals(List.of(), RunFiles.read(place).series());

        Path answers = place.resolve(RunFiles.ANSWERS);
        replace(answers, "\"prompts\"", "\"questions\"");
        assertTrue(error(place).startsWith(answers + ": expected what lethe writes there"));
        Files.delete(answers);
        assertEquals(Answers.NONE, RunFiles.read(place).answers());

        Path summary = place.resolve(RunFiles.SUMMARY);
        replace(summary, "\"experiment\" : \"arithmetic-miniature\"", "\"experiment\" : \"other\"");
        assertTrue(error(place).contains("they are of two runs"), error(place));
        Files.writeString(summary, "{\"experiment\": ");
        assertTrue(error(place).startsWith(summary + ": expected what lethe writes there"));
        Files.delete(summary);
        assertTrue(error(place).contains("expected a finished run with this file"));
    }
}
