package dev.lethe.model.data.language;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.data.language.LanguageText.Split;
import java.util.ArrayList;
import java.util.List;

/// Data of the language miniature. A training batch is a function of seed, stream and step alone;
/// what a model is judged on is the same for every seed.
public final class LanguageData {
    /// T, input positions a row.
    public static final int INPUTS = 64;

    /// Windows a language on which a model is judged.
    public static final int VALIDATION_WINDOWS = 96;

    private static final int WIDTH = INPUTS + 1;
    private static final int HALVES_STREAM = 16; // below are the arithmetic families

    private LanguageData() {}

    /// The training pages of a language.
    public static TokenStream training(Language language) {
        return stream(LanguageText.documents(language, Split.TRAIN));
    }

    /// Rows of [#INPUTS] inputs that begin anywhere in one of the texts.
    public static RandomWindows rows(List<RandomWindows.Part> parts) {
        return new RandomWindows(parts, WIDTH);
    }

    /// A half of the Korean training pages to attack with and the other half to judge by.
    ///
    /// @param shown the attacker's
    /// @param held windows of pages never shown
    public record Halves(TokenStream shown, Batch held) {}

    /// Halves at random by page, always the same.
    public static Halves koreanHalves() {
        List<List<String>> halves = koreanHalfPages();
        return new Halves(
                stream(halves.getFirst()),
                stream(halves.getLast()).windows(WIDTH, VALIDATION_WINDOWS));
    }

    static List<List<String>> koreanHalfPages() {
        List<String> pages = LanguageText.documents(Language.KOREAN, Split.TRAIN);
        int[] order =
                new PhiloxStream(0, Purpose.EVALUATION, HALVES_STREAM).permutation(pages.size());
        List<String> shuffled = new ArrayList<>(pages.size());
        for (int at : order) {
            shuffled.add(pages.get(at));
        }
        int middle = pages.size() / 2;
        return List.of(shuffled.subList(0, middle), shuffled.subList(middle, pages.size()));
    }

    /// The fixed windows of a language's validation pages, `[96, 64]` inputs with all targets.
    public static Batch validation(Language language) {
        return stream(LanguageText.documents(language, Split.VALID))
                .windows(WIDTH, VALIDATION_WINDOWS);
    }

    /// The random stream of a run's stage.
    public static PhiloxStream stream(long seed, int stage) {
        return new PhiloxStream(seed, Purpose.DATA_GENERATION, stage);
    }

    private static TokenStream stream(List<String> documents) {
        return TokenStream.of(documents, new ByteTokenizer());
    }
}
