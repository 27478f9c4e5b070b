package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// `lethe generate` on random weights with a byte vocabulary.
class GenerateCommandTest {
    @TempDir Path folder;

    private static Invocation generate(Path checkpoint, String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "generate",
                                "--checkpoint",
                                checkpoint.toString(),
                                "--prompt",
                                "-1+2="));
        arguments.addAll(Arrays.asList(more));
        return Invocation.of(arguments);
    }

    private static Invocation generate(String... more) {
        return generate(GoldenCase.B_wide.folder(), more);
    }

    private static JsonNode json(String... more) throws IOException {
        List<String> arguments = new ArrayList<>(Arrays.asList(more));
        arguments.add("--json");
        return new JsonMapper()
                .readTree(generate(arguments.toArray(String[]::new)).assertDone().out());
    }

    @Test
    void printsTheNewTextAlone() throws IOException {
        JsonNode report = json("--max-tokens", "12", "--dtype", "f64");
        assertEquals("-1+2=", report.path("prompt").textValue());
        assertTrue(report.path("tokens").intValue() <= 12);
        assertEquals("f64", report.path("dtype").textValue());
        String text = generate("--max-tokens", "12", "--dtype", "f64").assertDone().out();
        assertEquals(report.path("text").textValue() + System.lineSeparator(), text);
    }

    @Test
    void isGreedyAtTemperatureZero() throws IOException {
        JsonNode greedy = json();
        assertEquals(greedy, json("--temperature", "0", "--seed", "7"));
        assertEquals(greedy.path("text"), json("--temperature", "1", "--top-k", "1").path("text"));
    }

    @Test
    void drawsAreTheSeeds() throws IOException {
        JsonNode one = json("--temperature", "1.5", "--seed", "1");
        assertEquals(one, json("--temperature", "1.5", "--seed", "1"));
        assertNotEquals(one.path("text"), json("--temperature", "1.5", "--seed", "2").path("text"));
    }

    @Test
    void devicesAgree() throws IOException {
        assertEquals(
                json("--device", "reference", "--dtype", "f64").path("text"),
                json("--device", "cpu", "--dtype", "f64").path("text"));
    }

    @Test
    void anotherVocabularyIsRefused() {
        generate(GoldenCase.A_tiny.folder())
                .assertOneLine(1, "vocabulary of 260", "got 97", "no tokenizer");
    }

    @Test
    void promptBeyondTheModelIsRefused() throws IOException {
        Path small = SampleFiles.checkpoint(GoldenCase.B_wide, folder.resolve("small"));
        SampleFiles.editConfig(small, config -> config.put("max_position_embeddings", 4));
        generate(small).assertOneLine(1, "prompt", "expected 1 to 4 tokens", "got 6");
    }

    @Test
    void badSamplingIsRefused() {
        generate("--temperature", "-1").assertOneLine(2, "--temperature", "0 or more", "got -1");
        generate("--top-k", "-1").assertOneLine(2, "--top-k", "0 (all) or more", "got -1");
        generate("--max-tokens", "-1").assertOneLine(2, "--max-tokens", "0 or more", "got -1");
        Invocation useless = generate("--top-k", "3", "--max-tokens", "1").assertDone();
        assertTrue(useless.err().contains("warning: --top-k means nothing"), useless.err());
    }
}
