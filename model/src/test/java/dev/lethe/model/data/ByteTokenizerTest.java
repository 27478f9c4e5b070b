package dev.lethe.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteTokenizerTest {
    private final Tokenizer tokenizer = new ByteTokenizer();

    @Test
    void aByteIsItsValuePlusFour() {
        assertArrayEquals(new int[] {53, 46, 53, 65, 53}, tokenizer.encode("1*1=1"));
        assertArrayEquals(new int[] {4 + 0xED, 4 + 0x95, 4 + 0x9C}, tokenizer.encode("한"));
        assertEquals(260, tokenizer.vocabulary());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "12*7=84", "한국어 and English", "\u0000\u007f", "🦉"})
    void decodingUndoesEncoding(String text) {
        assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
    }

    @Test
    void marksAreNoText() {
        assertEquals("a", tokenizer.decode(new int[] {2, 101, 1, 0, 3}));
    }

    @Test
    void refusesIdsOutsideTheVocabulary() {
        for (int id : List.of(-1, 260)) {
            var error =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> tokenizer.decode(new int[] {2, id}));
            assertEquals(
                    "byte tokenizer: id %d at index 1 is outside the vocabulary; expected 0 to 259"
                            .formatted(id),
                    error.getMessage());
        }
    }
}
