package dev.lethe.model.data.language;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.data.language.LanguageText.Split;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LanguageDataTest {
    private static final RandomWindows MIXED = rows(Language.ENGLISH, Language.KOREAN);
    private static final RandomWindows ENGLISH = rows(Language.ENGLISH);
    private static final RandomWindows KOREAN = rows(Language.KOREAN);

    private final PhiloxStream stream = LanguageData.stream(42, 0);

    private static RandomWindows rows(Language... languages) {
        return LanguageData.rows(
                Arrays.stream(languages).map(one -> part(LanguageData.training(one))).toList());
    }

    private static RandomWindows.Part part(TokenStream text) {
        return new RandomWindows.Part(0.5, text);
    }

    private static String text(Batch batch, int row) {
        int from = row * batch.tokens();
        return new ByteTokenizer()
                .decode(Arrays.copyOfRange(batch.ids(), from, from + batch.tokens()));
    }

    /// UTF-8 of Hangul begins with 0xEA to 0xED, which English pages hardly have.
    private static boolean isKorean(Batch batch, int row) {
        int hangul = 0;
        for (int t = 0; t < batch.tokens(); t++) {
            int value = batch.ids()[row * batch.tokens() + t] - 4;
            hangul += value >= 0xEA && value <= 0xED ? 1 : 0;
        }
        return hangul > 1;
    }

    private static int korean(Batch batch) {
        int count = 0;
        for (int r = 0; r < batch.rows(); r++) {
            count += isKorean(batch, r) ? 1 : 0;
        }
        return count;
    }

    @Test
    void everyPositionOfARowHasItsNextTokenAsTarget() {
        Batch batch = MIXED.batch(stream, 3, 8);
        assertEquals(64, batch.tokens());
        assertEquals(8 * 64, batch.targetCount());
        assertEquals(8 * 64, batch.positions());
        for (int t = 0; t < 63; t++) {
            assertEquals(batch.ids()[t + 1], batch.targets()[t]);
        }
    }

    @Test
    void aBatchIsAFunctionOfSeedStreamAndStep() {
        Batch one = MIXED.batch(stream, 3, 8);
        MIXED.batch(stream, 900, 8);
        assertArrayEquals(
                one.ids(),
                rows(Language.ENGLISH, Language.KOREAN)
                        .batch(LanguageData.stream(42, 0), 3, 8)
                        .ids());
        for (Batch other :
                List.of(
                        MIXED.batch(stream, 4, 8),
                        MIXED.batch(LanguageData.stream(43, 0), 3, 8),
                        MIXED.batch(LanguageData.stream(42, 1), 3, 8))) {
            assertFalse(Arrays.equals(one.ids(), other.ids()));
        }
    }

    /// Pins the addresses of the draws: other rows here are other data in every run ever made.
    @Test
    void aKnownBatch() {
        Batch english = ENGLISH.batch(stream, 7, 2);
        assertEquals(
                "ocedure level within a subroutine or a function, so that the val",
                text(english, 0));
        assertEquals(
                " click on the slides. To create a copy of a selected slide, hold",
                text(english, 1));
    }

    @Test
    void mixedIsHalfKoreanAndTheOthersAreOneLanguage() {
        int rows = 2000;
        double deviation = Math.sqrt(0.25 / rows);
        double share = korean(MIXED.batch(stream, 0, rows)) / (double) rows;
        // Some Korean windows hold almost only Latin letters, so few that a wide band tells.
        assertEquals(0.5, share, 4 * deviation + 0.05);
        assertTrue(korean(ENGLISH.batch(stream, 0, rows)) < 0.01 * rows);
        assertTrue(korean(KOREAN.batch(stream, 0, rows)) > 0.9 * rows);
    }

    @Test
    void textsAreDrawnByTheirWeights() {
        TokenStream rare = TokenStream.of(List.of("a"), new ByteTokenizer());
        TokenStream common = TokenStream.of(List.of("b"), new ByteTokenizer());
        RandomWindows windows =
                new RandomWindows(
                        List.of(
                                new RandomWindows.Part(0.25, rare),
                                new RandomWindows.Part(0.75, common)),
                        2);
        Batch batch = windows.batch(stream, 0, 4000);
        long rows = Arrays.stream(batch.targets()).filter(id -> id == 'a' + 4).count();
        assertEquals(1000, rows, 4 * Math.sqrt(4000 * 0.25 * 0.75));
    }

    @Test
    void windowsReachBothEndsOfAText() {
        TokenStream text = TokenStream.of(List.of("abcdef"), new ByteTokenizer());
        RandomWindows windows = new RandomWindows(List.of(part(text)), 5);
        Batch batch = windows.batch(stream, 0, 200);
        Set<String> seen = new HashSet<>();
        for (int r = 0; r < batch.rows(); r++) {
            seen.add(text(batch, r));
        }
        assertEquals(Set.of("abc", "abcd", "bcde"), seen);
    }

    @ParameterizedTest
    @EnumSource
    void validationIsNinetySixWindowsWithoutOverlap(Language language) {
        Batch batch = LanguageData.validation(language);
        assertEquals(96, batch.rows());
        assertEquals(64, batch.tokens());
        assertEquals(96 * 64, batch.targetCount());
        TokenStream stream =
                TokenStream.of(LanguageText.documents(language, Split.VALID), new ByteTokenizer());
        int[] whole = new int[stream.length()];
        stream.copyTo(0, whole, 0, whole.length);
        int end = 0;
        for (int r = 0; r < batch.rows(); r++) {
            int[] row = Arrays.copyOfRange(batch.ids(), r * 64, (r + 1) * 64);
            int from = end;
            while (!Arrays.equals(row, Arrays.copyOfRange(whole, from, from + 64))) {
                from += 65;
            }
            end = from + 65;
        }
        assertTrue(end > 0.95 * whole.length, "the windows stop at %d".formatted(end));
    }

    @Test
    void halvesShareNoPage() {
        List<List<String>> halves = LanguageData.koreanHalfPages();
        List<String> pages = LanguageText.documents(Language.KOREAN, Split.TRAIN);
        assertEquals(711, halves.getFirst().size());
        assertEquals(711, halves.getLast().size());
        Set<String> both = new HashSet<>(halves.getFirst());
        both.retainAll(Set.copyOf(halves.getLast()));
        assertEquals(Set.of(), both);
        Set<String> all = new HashSet<>(halves.getFirst());
        all.addAll(halves.getLast());
        assertEquals(Set.copyOf(pages), all);
        assertEquals(halves, LanguageData.koreanHalfPages());
    }

    @Test
    void heldWindowsAreOfTheHeldHalf() {
        LanguageData.Halves halves = LanguageData.koreanHalves();
        Batch held = halves.held();
        assertEquals(96 * 64, held.targetCount());
        TokenStream other =
                TokenStream.of(LanguageData.koreanHalfPages().getLast(), new ByteTokenizer());
        assertArrayEquals(other.windows(65, 96).ids(), held.ids());
        TokenStream own =
                TokenStream.of(LanguageData.koreanHalfPages().getFirst(), new ByteTokenizer());
        assertArrayEquals(own.windows(65, 96).ids(), halves.shown().windows(65, 96).ids());
    }

    @Test
    void refusesTooLittleText() {
        TokenStream text = TokenStream.of(List.of("ab"), new ByteTokenizer());
        var error =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new RandomWindows(List.of(part(text)), 65));
        assertTrue(error.getMessage().contains("at least 65 ids, got one of 3"));
        assertThrows(IllegalArgumentException.class, () -> text.windows(2, 2));
    }
}
