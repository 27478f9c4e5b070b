package dev.lethe.model.data.language;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.WeightedChoice;
import java.util.Arrays;
import java.util.List;

/// Rows that begin anywhere in one of several texts: a text by its weight, then a place uniformly.
///
/// Row i takes elements 2i (which text) and 2i + 1 (where) of a stream and nothing else.
public final class RandomWindows {
    private final List<TokenStream> texts;
    private final WeightedChoice choice;
    private final int width;

    /// @param weight its share of the rows is this over the sum of all weights
    public record Part(double weight, TokenStream text) {}

    /// @param parts what to draw from
    /// @param width ids a row, one more than its inputs
    public RandomWindows(List<Part> parts, int width) {
        this.texts = parts.stream().map(Part::text).toList();
        this.choice = new WeightedChoice(parts.stream().map(Part::weight).toList());
        this.width = width;
        if (width < 2) {
            throw new IllegalArgumentException(
                    "random windows: expected at least 2 ids a row, got %d; give more"
                            .formatted(width));
        }
        for (TokenStream text : texts) {
            if (text.length() < width) {
                throw new IllegalArgumentException(
                        ("random windows: expected texts of at least %d ids, got one of %d;"
                                        + " give more text")
                                .formatted(width, text.length()));
            }
        }
    }

    /// The training rows of one step: rows `step rows` to `step rows + rows - 1` of the stream.
    public Batch batch(PhiloxStream random, long step, int rows) {
        int[] ids = new int[rows * width];
        int[] lengths = new int[rows];
        Arrays.fill(lengths, width);
        for (int r = 0; r < rows; r++) {
            long row = step * rows + r;
            TokenStream text = texts.get(choice.of(random.uniform(2 * row)));
            int from = random.below(2 * row + 1, text.length() - width + 1);
            text.copyTo(from, ids, r * width, width);
        }
        return Batch.shifted(rows, width, ids, lengths).withoutLastColumn();
    }
}
