package dev.lethe.model.data.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.data.Tokenizer;
import dev.lethe.model.data.language.LanguageText.Split;
import java.io.IOException;
import java.io.InputStream;
import java.lang.Character.UnicodeScript;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LanguageTextTest {
    @ParameterizedTest
    @CsvSource({
        "ENGLISH, TRAIN, 1294",
        "ENGLISH, VALID, 128",
        "KOREAN, TRAIN, 1422",
        "KOREAN, VALID, 78"
    })
    void hasItsPages(Language language, Split split, int pages) {
        assertEquals(pages, LanguageText.documents(language, split).size());
        assertSame(
                LanguageText.documents(language, split), LanguageText.documents(language, split));
    }

    @Test
    void englishTrainingTextIsAboutOneAndAHalfMegabytes() {
        long bytes =
                LanguageText.documents(Language.ENGLISH, Split.TRAIN).stream()
                        .mapToLong(page -> page.getBytes(StandardCharsets.UTF_8).length)
                        .sum();
        assertTrue(bytes > 1_400_000 && bytes < 1_500_000, "got " + bytes);
    }

    @Test
    void koreanIsKoreanAndEnglishIsNot() {
        for (String page : LanguageText.documents(Language.KOREAN, Split.VALID)) {
            assertTrue(hangul(page) > 0.15, page);
        }
        String english = String.join("", LanguageText.documents(Language.ENGLISH, Split.TRAIN));
        assertTrue(hangul(english) < 1e-3); // a few pages have examples in Hangul
    }

    private static double hangul(String page) {
        long hangul =
                page.codePoints()
                        .filter(c -> UnicodeScript.of(c) == UnicodeScript.HANGUL)
                        .count();
        return (double) hangul / page.length();
    }

    @ParameterizedTest
    @EnumSource
    void noValidationPageIsATrainingPage(Language language) {
        Set<String> shared = new HashSet<>(LanguageText.documents(language, Split.VALID));
        shared.retainAll(Set.copyOf(LanguageText.documents(language, Split.TRAIN)));
        assertEquals(Set.of(), shared);
    }

    @Test
    void bytesCarryEveryKoreanPage() {
        Tokenizer bytes = new ByteTokenizer();
        for (String page : LanguageText.documents(Language.KOREAN, Split.TRAIN)) {
            assertEquals(page, bytes.decode(bytes.encode(page)));
        }
    }

    @Test
    void theLicenceIsBesideTheText() throws IOException {
        String notice = LanguageText.notice();
        for (String part :
                List.of(
                        "LibreOffice 7.4",
                        "Mozilla Public License, v. 2.0",
                        "https://mozilla.org/MPL/2.0/")) {
            assertTrue(notice.contains(part), part);
        }
        try (InputStream licence = LanguageText.class.getResourceAsStream("MPL-2.0.txt")) {
            assertNotNull(licence);
            assertTrue(
                    new String(licence.readAllBytes(), StandardCharsets.UTF_8)
                            .startsWith("Mozilla Public License Version 2.0"));
        }
    }

    /// RFC 1952: bytes 4 to 7 are the time, bit 3 of byte 3 says that a name follows.
    @ParameterizedTest
    @CsvSource({"english_train", "english_valid", "korean_train", "korean_valid"})
    void compressedFilesHaveNeitherTimeNorName(String file) throws IOException {
        try (InputStream in = LanguageText.class.getResourceAsStream(file + ".jsonl.gz")) {
            byte[] header = in.readNBytes(10);
            assertEquals(0x1f, header[0]);
            assertFalse((header[3] & 8) != 0);
            for (int i = 4; i < 8; i++) {
                assertEquals(0, header[i]);
            }
        }
    }
}
