package dev.lethe.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A tokenizer.json of Gemma's kind, small: pieces by merges, spaces as U+2581, bytes for the rest. The
/// file asks for a begin mark and for at most 8 tokens; neither is done.
class SubwordTokenizerTest {
    private static final int FIRST_CHARACTER = 4 + 256;
    private static final int VOCABULARY = FIRST_CHARACTER + 30 + 7;

    @TempDir private Path directory;
    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = directory.resolve("tokenizer.json");
        try (InputStream in = SubwordTokenizerTest.class.getResourceAsStream("tokenizer.json")) {
            Files.copy(in, file);
        }
    }

    @Test
    void encodesPiecesWholeAndWithoutMarks() {
        Tokenizer tokenizer = TokenizerFile.open(file.toString());
        assertInstanceOf(SubwordTokenizer.class, tokenizer);
        assertEquals(VOCABULARY, tokenizer.vocabulary());
        assertEquals(List.of(0, 1, 2), List.of(tokenizer.padId(), tokenizer.eosId(), tokenizer.bosId()));
        int hello = FIRST_CHARACTER + 30 + 3;
        int wo = FIRST_CHARACTER + 30 + 5;
        int[] ids = tokenizer.encode("hello world");
        assertArrayEquals(
                new int[] {hello, wo, FIRST_CHARACTER + 9, FIRST_CHARACTER + 7, FIRST_CHARACTER + 4},
                ids);
        int[] equation = tokenizer.encode("12 * 7 = 84");
        assertEquals(11, equation.length, "longer than the file's truncation");
        for (String text : List.of("12 * 7 = 84", "hello world", "한국어 🦉 hello", " 7", "")) {
            assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
        }
        assertEquals("7", tokenizer.decode(new int[] {2, FIRST_CHARACTER + 18, 1, 0}));
        assertThrows(
                IllegalArgumentException.class, () -> tokenizer.decode(new int[] {VOCABULARY}));
    }

    @Test
    void whatIsNoTokenizerIsOneLine() throws IOException {
        for (String text : List.of("{}", "{\"model\": {}}", "nothing", "[1]")) {
            Files.writeString(file, text);
            String message =
                    assertThrows(DataException.class, () -> TokenizerFile.open(file.toString()))
                            .getMessage();
            assertEquals(1, message.lines().count(), message);
            assertTrue(message.startsWith(file + ": expected"), message);
        }
        assertTrue(
                assertThrows(
                                DataException.class,
                                () -> TokenizerFile.open(directory.resolve("none").toString()))
                        .getMessage()
                        .contains("got no file"));
    }

    @Test
    void opensTheOthersByNameAndFile() {
        assertEquals(new ByteTokenizer(), TokenizerFile.open("bytes"));
        Path characters = directory.resolve("characters.json");
        new CharacterTokenizer.Builder().add("abc").build().save(characters);
        assertArrayEquals(
                new int[] {3, 5}, TokenizerFile.open(characters.toString()).encode("ac"));
    }
}
