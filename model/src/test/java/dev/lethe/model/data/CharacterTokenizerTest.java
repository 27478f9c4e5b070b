package dev.lethe.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.data.language.Language;
import dev.lethe.model.data.language.LanguageText;
import dev.lethe.model.data.language.LanguageText.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CharacterTokenizerTest {
    @TempDir Path folder;

    private static CharacterTokenizer of(String... texts) {
        CharacterTokenizer.Builder builder = new CharacterTokenizer.Builder();
        List.of(texts).forEach(builder::add);
        return builder.build();
    }

    @Test
    void idsFollowCodePointsAfterTheMarks() {
        CharacterTokenizer tokenizer = of("ba", "🦉한a");
        assertEquals(3 + 4, tokenizer.vocabulary());
        assertArrayEquals(new int[] {3, 4, 5, 6}, tokenizer.encode("ab한🦉"));
        assertArrayEquals(of("🦉한ab").encode("한b"), tokenizer.encode("한b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "12*7=84", "한국어 and English", "\u0000\n\u007f\"\\", "🦉👩‍👩‍👧"})
    void decodingUndoesEncodingAlsoAfterSaving(String text) {
        CharacterTokenizer tokenizer = of(text, "more");
        assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
        Path file = folder.resolve("tokenizer.json");
        tokenizer.save(file);
        CharacterTokenizer loaded = CharacterTokenizer.load(file);
        assertEquals(tokenizer.vocabulary(), loaded.vocabulary());
        assertArrayEquals(tokenizer.encode(text), loaded.encode(text));
    }

    @Test
    void carriesEveryKoreanPage() {
        List<String> pages = LanguageText.documents(Language.KOREAN, Split.TRAIN);
        CharacterTokenizer tokenizer = of(pages.toArray(String[]::new));
        assertTrue(tokenizer.vocabulary() > 900);
        for (String page : pages) {
            assertEquals(page, tokenizer.decode(tokenizer.encode(page)));
        }
    }

    @Test
    void marksAreNoText() {
        assertEquals("ab", of("ab").decode(new int[] {2, 3, 0, 4, 1, 0}));
    }

    @Test
    void refusesACharacterOutsideTheVocabulary() {
        var error =
                assertThrows(IllegalArgumentException.class, () -> of("ab").encode("ab🦉"));
        assertEquals(
                "character tokenizer: U+1F989 (OWL) at character 2 is not in the vocabulary of 2"
                        + " characters; build the vocabulary from this text too",
                error.getMessage());
    }

    @Test
    void refusesIdsOutsideTheVocabulary() {
        for (int id : List.of(-1, 5)) {
            assertThrows(
                    IllegalArgumentException.class, () -> of("ab").decode(new int[] {id}));
        }
    }

    @Test
    void refusesHalfACharacter() {
        assertThrows(IllegalArgumentException.class, () -> of("a\ud83e"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{",
                "{}",
                "{\"type\":\"bytes\",\"characters\":\"ab\"}",
                "{\"type\":\"characters\"}",
                "{\"type\":\"characters\",\"characters\":\"ba\"}",
                "{\"type\":\"characters\",\"characters\":\"aa\"}",
                "{\"type\":\"characters\",\"characters\":\"ab\",\"more\":1}"
            })
    void refusesAFileThatIsNoVocabulary(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("tokenizer.json"), content);
        String message =
                assertThrows(DataException.class, () -> CharacterTokenizer.load(file))
                        .getMessage();
        assertTrue(message.startsWith(file + ": expected a vocabulary"), message);
        assertEquals(1, message.lines().count(), message);
    }

    @Test
    void refusesAFileThatIsNotThere() {
        assertThrows(
                DataException.class, () -> CharacterTokenizer.load(folder.resolve("none.json")));
    }
}
