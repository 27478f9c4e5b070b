package dev.lethe.tools.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.lethe.tools.Lethe;
import dev.lethe.tools.report.results.Run;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

class ReportCommandTest {
    @TempDir private Path runs;

    private record Outcome(int code, String out, String err) {}

    private static Outcome lethe(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Lethe.run(arguments, stream(out), stream(err));
        return new Outcome(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private Path written(Run run) {
        Path place = runs.resolve(run.results().experiment());
        try (RunDirectory directory = RunDirectory.open(runs, run.results().experiment())) {
            Report report = Report.of(run);
            report.writeMeasurements(directory);
            report.write(directory);
            directory.publish();
        }
        return place;
    }

    private static List<String> files(Path place) throws IOException {
        try (Stream<Path> all = Files.walk(place)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> place.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void makesAllAgainFromTheMeasurements() throws IOException {
        Path place = written(Miniature.arithmetic(1));
        List<String> files = files(place);
        String page = Files.readString(place.resolve("report.html"));
        String figure = Files.readString(place.resolve("figures/pareto.svg"));
        String results = Files.readString(place.resolve("results.csv"));
        Files.delete(place.resolve("report.html"));
        Files.delete(place.resolve("figures/pareto.svg"));
        Files.writeString(place.resolve("notes.txt"), "mine");

        Outcome outcome = lethe("report", "arithmetic-miniature", "--runs", runs.toString());
        assertEquals("", outcome.err);
        assertEquals(0, outcome.code);
        assertTrue(outcome.out.contains("unlearning-is-shallow"), outcome.out);
        assertTrue(outcome.out.strip().endsWith(place.resolve("report.html").toString()));
        Files.delete(place.resolve("notes.txt"));
        assertEquals(files, files(place));
        assertEquals(page, Files.readString(place.resolve("report.html")));
        assertEquals(figure, Files.readString(place.resolve("figures/pareto.svg")));
        assertEquals(results, Files.readString(place.resolve("results.csv")));
    }

    @Test
    void jsonIsOneObject() throws IOException {
        Path place = written(Miniature.language(2));
        Outcome outcome = lethe("report", place.toString(), "--json");
        assertEquals(0, outcome.code, outcome.err);
        JsonNode json = new ObjectMapper().readTree(outcome.out);
        JsonNode run = json.get("runs").get(0);
        assertEquals(place.resolve("report.html").toString(), run.get("report").asText());
        assertEquals("language-miniature", run.get("summary").get("experiment").asText());
    }

    @Test
    void errorsAreOneLine() throws IOException {
        Outcome missing = lethe("report", "nowhere", "--runs", runs.toString());
        assertEquals(2, missing.code);
        assertTrue(missing.err.startsWith("lethe: report: expected a run's directory"));
        assertEquals(1, missing.err.lines().count(), missing.err);

        Outcome empty = lethe("report", runs.toString());
        assertEquals(1, empty.code);
        assertTrue(empty.err.contains("results.csv: expected a finished run"), empty.err);

        Path place = written(Miniature.arithmetic(1));
        String page = Files.readString(place.resolve("report.html"));
        String results = Files.readString(place.resolve("results.csv"));
        Files.writeString(place.resolve("results.csv"), results.substring(0, results.length() - 9));
        Outcome cut = lethe("report", place.toString());
        assertEquals(1, cut.code);
        assertTrue(cut.err.contains("is the file cut short?"), cut.err);
        assertEquals(1, cut.err.lines().count(), cut.err);
        assertEquals(page, Files.readString(place.resolve("report.html")));
    }
}
