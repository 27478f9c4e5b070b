package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.data.CharacterTokenizer;
import dev.lethe.model.data.text.Packer;
import dev.lethe.model.data.text.TokenShard;
import dev.lethe.model.data.text.Windows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `lethe data`: what it writes, what it says, and what it refuses.
class DataCommandTest {
    private static final int FAILED = 1;
    private static final int REFUSED = 2;
    private static final JsonMapper JSON = new JsonMapper();
    private static final String LINES =
            """
            {"text": "한국어 🦉"}
            {"text": "abc"}
            """;

    /// 300 rows, written for the reader's own test.
    private static final String TEXTS =
            "../model/src/test/resources/dev/lethe/model/data/text/texts-zstd.parquet";

    @TempDir Path folder;

    private Path text(String content) throws IOException {
        return Files.writeString(folder.resolve("text.jsonl"), content);
    }

    private String out() {
        return folder.resolve("out").toString();
    }

    private Invocation pack(Path input, String... more) {
        return Invocation.of(
                Stream.concat(
                                Stream.of(
                                        "data", "text", "--input", input.toString(), "--out",
                                        out()),
                                Stream.of(more))
                        .toList());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void arithmeticWritesBothFilesAndTheOverlap() throws IOException {
        Invocation run =
                Invocation.of(
                                "data", "arithmetic", "--out", out(), "--count", "4000", "--seed",
                                "7", "--json")
                        .assertDone();
        JsonNode report = JSON.readTree(run.out());
        assertEquals(7, report.get("seed").asInt());
        assertEquals(4000, report.get("train").asInt());
        assertEquals(800, report.get("valid").asInt());
        JsonNode overlap = report.get("overlap");
        assertEquals(400, overlap.get("equations").asInt());
        assertTrue(overlap.get("equations_in_training").asInt() > 100);
        assertEquals(0, overlap.get("word_problems_in_training").asInt());
        assertEquals(0, overlap.get("templates_in_training").asInt());
        List<String> train = Files.readAllLines(folder.resolve("out/train.jsonl"));
        assertEquals(4000, train.size());
        assertEquals(800, Files.readAllLines(folder.resolve("out/valid.jsonl")).size());
        for (String line : train.subList(0, 50)) {
            JsonNode problem = JSON.readTree(line);
            assertEquals(
                    List.of("text", "prompt", "answer", "operation", "kind", "template"),
                    problem.propertyStream().map(Map.Entry::getKey).toList());
            assertTrue(
                    problem.get("text")
                            .textValue()
                            .startsWith(
                                    problem.get("prompt").textValue()
                                            + problem.get("answer").intValue()));
        }
    }

    @Test
    void arithmeticIsAFunctionOfTheSeed() throws IOException {
        for (String name : List.of("one", "two")) {
            Invocation.of(
                            "data", "arithmetic", "--out", folder.resolve(name).toString(),
                            "--count", "300")
                    .assertDone();
        }
        for (String file : List.of("train.jsonl", "valid.jsonl")) {
            assertEquals(
                    -1, Files.mismatch(folder.resolve("one", file), folder.resolve("two", file)));
        }
        assertEquals(List.of("one", "two"), names());
    }

    @Test
    void arithmeticPrintsItsCounts() {
        Invocation run =
                Invocation.of("data", "arithmetic", "--out", out(), "--count", "10").assertDone();
        assertTrue(run.out().contains("train.jsonl  10 problems"), run.out());
        assertTrue(run.out().contains("of 400 equations, 0 of 400 word problems"), run.out());
    }

    @Test
    void textPacksBytes() throws IOException {
        Invocation run = pack(text(LINES), "--length", "8", "--json").assertDone();
        JsonNode report = JSON.readTree(run.out());
        assertEquals(report, JSON.readTree(folder.resolve("out/summary.json").toFile()));
        assertEquals(2, report.get("documents").asInt());
        assertEquals(1 + 14 + 1 + 3, report.get("tokens").asInt());
        assertEquals(3, report.get("windows").asInt());
        assertEquals(27 - 19, report.get("padding").asInt());
        assertEquals(260, report.get("vocabulary").asInt());
        Windows windows = TokenShard.read(folder.resolve("out/tokens-00000.safetensors"));
        Windows expected =
                Packer.pack(List.of("한국어 🦉", "abc"), new ByteTokenizer(), 8, false).windows();
        assertArrayEquals(expected.ids(), windows.ids());
        assertArrayEquals(expected.lengths(), windows.lengths());
    }

    @Test
    void textPacksCharactersAndUsesTheirVocabularyAgain() throws IOException {
        pack(text(LINES), "--length", "5", "--tokenizer", "characters", "--eos").assertDone();
        Path vocabulary = folder.resolve("first/tokenizer.json");
        Files.move(folder.resolve("out"), folder.resolve("first"));
        CharacterTokenizer tokenizer = CharacterTokenizer.load(vocabulary);
        assertEquals(3 + 8, tokenizer.vocabulary());
        Windows windows = TokenShard.read(folder.resolve("first/tokens-00000.safetensors"));
        assertEquals("한국어 🦉abc", tokenizer.decode(windows.ids()));
        pack(
                        text("{\"text\": \"cab\"}"),
                        "--length",
                        "5",
                        "--tokenizer",
                        "characters",
                        "--vocabulary",
                        vocabulary.toString())
                .assertDone();
        Windows more = TokenShard.read(folder.resolve("out/tokens-00000.safetensors"));
        assertEquals("cab", tokenizer.decode(more.ids()));
        assertEquals(-1, Files.mismatch(vocabulary, folder.resolve("out/tokenizer.json")));
    }

    @Test
    void aCharacterOutsideTheVocabularyIsToldByDocument() throws IOException {
        pack(text(LINES), "--length", "5", "--tokenizer", "characters").assertDone();
        Files.move(folder.resolve("out"), folder.resolve("first"));
        pack(
                        text("{\"text\": \"a\"}\n{\"text\": \"xa\"}"),
                        "--length",
                        "5",
                        "--tokenizer",
                        "characters",
                        "--vocabulary",
                        folder.resolve("first/tokenizer.json").toString())
                .assertOneLine(FAILED, "text.jsonl: document 2: ", "U+0078", "vocabulary");
        assertEquals(List.of("first", "text.jsonl"), names());
    }

    @Test
    void badTextIsToldByLineAndLeavesNothing() throws IOException {
        pack(text(LINES + "{\"txt\": 1}\n"), "--length", "5")
                .assertOneLine(FAILED, "text.jsonl: line 3: expected {\"text\": \"...\"}");
        pack(text(""), "--length", "5").assertOneLine(FAILED, "expected at least one line");
        pack(folder.resolve("none"), "--length", "5").assertOneLine(FAILED, "no such file");
        assertEquals(List.of("text.jsonl"), names());
    }

    @Test
    void aPlaceThatHoldsSomethingIsLeftAlone() throws IOException {
        Path input = text(LINES);
        Files.createDirectory(folder.resolve("out"));
        pack(input, "--length", "5").assertDone();
        pack(input, "--length", "5")
                .assertOneLine(FAILED, "--out: expected a new or empty directory", "holds files");
        Files.writeString(folder.resolve("file"), "mine");
        Invocation.of("data", "arithmetic", "--out", folder.resolve("file").toString())
                .assertOneLine(FAILED, "--out: expected a new or empty directory", "a file");
        Invocation.of("data", "arithmetic", "--out", folder.resolve("file/in/it").toString())
                .assertOneLine(FAILED, "--out: ", "cannot be written");
        assertEquals("mine", Files.readString(folder.resolve("file")));
    }

    @Test
    void whatMeansNothingIsRefused() throws IOException {
        Path input = text(LINES);
        pack(input, "--length", "0").assertOneLine(REFUSED, "--length: expected at least 1, got 0");
        pack(input, "--length", "5", "--vocabulary", "v")
                .assertOneLine(REFUSED, "--vocabulary: expected --tokenizer characters, got bytes");
        pack(input, "--length", "5", "--tokenizer", "words")
                .assertOneLine(REFUSED, "--tokenizer: expected bytes or characters, got words");
        pack(input).assertOneLine(REFUSED, "expected --length T, got none");
        Invocation.of("data", "arithmetic", "--out", out(), "--count", "0")
                .assertOneLine(REFUSED, "--count: expected at least 1, got 0");
        assertEquals(List.of("text.jsonl"), names());
    }

    @Test
    void groupNamesItsCommands() {
        Invocation.of("data")
                .assertOneLine(REFUSED, "data: expected arithmetic or text or parquet, got none");
        Invocation.of("data", "aritmetic")
                .assertOneLine(REFUSED, "unknown command aritmetic", "did you mean arithmetic?");
        Invocation.of("data", "arithmetic", "--cuont", "3")
                .assertOneLine(REFUSED, "unknown option --cuont", "did you mean --count?");
        Invocation help = Invocation.of("data", "text", "--help").assertDone();
        for (String option : List.of("--input", "--length", "--seed", "--json", "--debug")) {
            assertTrue(help.out().contains(option), option);
        }
    }

    @Test
    void parquetPacksAColumnAsTextPacksLines() throws IOException {
        Invocation.of(
                        "data", "parquet", "--input", TEXTS, "--out", out(), "--column", "twice",
                        "--length", "10")
                .assertDone();
        Path lines = text("{\"text\": \"same\"}\n".repeat(300));
        Path packed = folder.resolve("packed");
        Invocation.of(
                        "data", "text", "--input", lines.toString(), "--out", packed.toString(),
                        "--length", "10")
                .assertDone();
        String tokens = "tokens-00000.safetensors";
        assertArrayEquals(
                Files.readAllBytes(packed.resolve(tokens)),
                Files.readAllBytes(Path.of(out(), tokens)));
    }

    @Test
    void parquetSaysWhatIsWrong() throws IOException {
        Invocation.of(
                        "data", "parquet", "--input", text(LINES).toString(), "--out", out(),
                        "--length", "5")
                .assertOneLine(FAILED, "text.jsonl: expected a Parquet file", "lethe data text");
    }
}
