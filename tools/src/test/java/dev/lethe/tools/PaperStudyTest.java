package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.tools.experiment.SmallText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The presets of the paper's size, shrunken, from shards of text to the report.
class PaperStudyTest {
    private static final int REFUSED = 2;

    @TempDir private Path directory;

    private List<String> arguments(String preset, String... more) throws IOException {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "run",
                                preset,
                                "--device",
                                "cpu",
                                "--runs",
                                directory.resolve("runs").toString()));
        arguments.addAll(SmallText.options(directory, preset));
        arguments.addAll(List.of(more));
        return arguments;
    }

    @ParameterizedTest
    @ValueSource(strings = {"arithmetic-paper", "language-paper"})
    void runToTheirReports(String preset) throws IOException {
        Invocation run = Invocation.of(arguments(preset)).assertDone();
        assertTrue(run.err().contains("memory: at most "), run.err());
        Path results = directory.resolve("runs").resolve(preset);
        assertTrue(Files.isRegularFile(results.resolve("report.html")));
        List<String> rows = Files.readAllLines(results.resolve("results.csv"));
        String metric = preset.startsWith("language") ? "forget_ce" : "forget_accuracy";
        assertTrue(rows.stream().anyMatch(row -> row.contains("undo-0.7") && row.contains(metric)));
        assertTrue(rows.stream().anyMatch(row -> row.contains("relearn-half")), rows.getFirst());
        JsonNode stages =
                new JsonMapper()
                        .readTree(
                                Invocation.of(arguments(preset, "--list", "--json"))
                                        .assertDone()
                                        .out())
                        .path("stages");
        assertEquals(14 * 2 + 2 + 13 * 3, stages.size());
        stages.forEach(stage -> assertTrue(stage.path("done").booleanValue(), stage.toString()));
        Invocation again = Invocation.of(arguments(preset)).assertDone();
        assertTrue(again.err().contains("nothing to train"), again.err());
    }

    @Test
    void presetsAreListedWithWhatTheyTake() throws IOException {
        Invocation list = Invocation.of("run", "--list").assertDone();
        assertEquals(4, list.out().lines().count());
        assertTrue(
                list.out().contains("arithmetic-paper      20 models of 328,"), list.out());
        JsonNode presets =
                new JsonMapper()
                        .readTree(Invocation.of("run", "--list", "--json").assertDone().out())
                        .path("experiments");
        double small = presets.get(0).path("teraflops").doubleValue();
        double large = presets.get(2).path("teraflops").doubleValue();
        assertTrue(small > 0 && large > 1e4 * small, presets.toString());
        Invocation.of("run").assertOneLine(REFUSED, "experiment: expected arithmetic-miniature");
    }

    @Test
    void textThatIsNotThereIsOneLine() {
        Invocation.of("run", "language-paper", "--device", "cpu")
                .assertOneLine(REFUSED, "language-paper: data.tokenizer: expected", "got none");
        Invocation.of(
                        "run",
                        "language-paper",
                        "--device",
                        "cpu",
                        "--set",
                        "data.tokenizer=bytes",
                        "--set",
                        "data.english=" + directory.resolve("nowhere"))
                .assertOneLine(REFUSED, "data.korean: expected a directory", "lethe data text");
        Invocation.of(
                        "run",
                        "arithmetic-paper",
                        "--device",
                        "cpu",
                        "--set",
                        "data.tokenizer=bytes",
                        "--set",
                        "data.english=" + directory.resolve("nowhere"))
                .assertOneLine(REFUSED, "nowhere: expected token shards");
        assertFalse(Files.exists(directory.resolve("runs")));
    }

    @Test
    void windowsOfAnotherLengthAreOneLine() throws IOException {
        Path text = SmallText.shards(directory.resolve("text"), "%d or %d", 10);
        List<String> arguments = arguments("arithmetic-paper", "--set", "data.english=" + text);
        Invocation run = Invocation.of(arguments);
        assertEquals(1, run.exitCode(), run.err());
        assertTrue(run.err().contains("expected windows of 25 I32 ids"), run.err());
        assertTrue(run.err().contains("--length 24"), run.err());
    }
}
