package dev.lethe.model.data.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.data.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonlTextTest {
    @TempDir Path folder;

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("some.jsonl"), content);
    }

    private String error(Path file) {
        String message =
                assertThrows(DataException.class, () -> JsonlText.readAll(file)).getMessage();
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.startsWith(file + ": "), message);
        return message;
    }

    @Test
    void readsTextsInOrderAndIgnoresTheRest() throws IOException {
        Path file =
                file(
                        """
                        {"text": "one", "url": "x", "meta": {"a": [1]}}
                        {"id": 7, "text": "한국어\\n🦉 \\ud83e\\udd89"}

                        {"text": ""}""");
        assertEquals(List.of("one", "한국어\n🦉 🦉", ""), JsonlText.readAll(file));
        assertEquals(3, JsonlText.read(file, _ -> {}));
    }

    @Test
    void takesCarriageReturnsAndAByteOrderMark() throws IOException {
        assertEquals(
                List.of("a", "b"),
                JsonlText.readAll(file("\uFEFF{\"text\":\"a\"}\r\n{\"text\":\"b\"}\r\n")));
    }

    @Test
    void linesMayBeLongerThanAReadAndCountOn() throws IOException {
        String text = "가".repeat(100_000);
        String line = "{\"text\":\"%s\"}\n".formatted(text);
        List<String> seen = new ArrayList<>();
        JsonlText.read(file(line.repeat(3)), seen::add);
        assertEquals(List.of(text, text, text), seen);
        assertTrue(error(file(line.repeat(2) + "{")).contains("line 3: "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"text\": \"a\"",
                "text",
                "{\"text\": \"a\"} {\"text\": \"b\"}",
                "{\"text\": \"a\", \"text\": \"b\"}",
                "[\"a\"]",
                "\"a\"",
                "null",
                "{\"content\": \"a\"}",
                "{\"text\": null}",
                "{\"text\": 7}",
                "{\"text\": \"\\ud83e\"}",
                "{\"text\": \"\\udd89\\ud83e\"}"
            })
    void aMalformedLineIsToldByNumber(String line) throws IOException {
        String message = error(file("{\"text\": \"fine\"}\n\n" + line + "\n{\"text\": \"x\"}\n"));
        assertTrue(message.contains("line 3: expected {\"text\": \"...\"}, got "), message);
    }

    @ParameterizedTest
    @CsvSource({"'{\"a\":1}', without \"text\"", "7, a number", "'{\"text\":[]}', an array as"})
    void saysWhatItGot(String line, String got) throws IOException {
        assertTrue(error(file(line)).contains(got));
    }

    @Test
    void bytesThatAreNoUtf8AreToldByNumber() throws IOException {
        byte[] line = "{\"text\":\"?\"}".getBytes(StandardCharsets.UTF_8);
        line[9] = (byte) 0xFF;
        Path file = file("{\"text\":\"a\"}\n");
        Files.write(file, line, StandardOpenOption.APPEND);
        assertTrue(error(file).contains("line 2: expected UTF-8"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", " \n\n"})
    void aFileWithoutTextIsAnError(String content) throws IOException {
        assertTrue(error(file(content)).contains("expected at least one line {\"text\": ...}"));
    }

    @Test
    void aFileThatIsNotThereOrADirectoryIsAnError() {
        assertTrue(error(folder.resolve("none.jsonl")).contains("no such file"));
        assertTrue(error(folder).contains("directory"));
    }

    @Test
    void whatTheLineHeldCannotBreakTheMessage() throws IOException {
        assertFalse(error(file("\u0007\u2028")).matches("(?s).*[\\p{Cntrl}\\u2028].*"));
    }
}
