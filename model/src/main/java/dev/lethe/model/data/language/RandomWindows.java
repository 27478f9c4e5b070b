package dev.lethe.model.data.language;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.model.data.Batch;
import java.util.Arrays;
import java.util.List;

/// Rows that begin anywhere in one of several texts, each text as likely as the others.
///
/// Row i takes elements 2i (which text) and 2i + 1 (where) of a stream and nothing else.
///
/// @param texts what to draw from
/// @param width ids a row, one more than its inputs
public record RandomWindows(List<TokenStream> texts, int width) {
    public RandomWindows {
        texts = List.copyOf(texts);
        if (width < 2 || texts.isEmpty()) {
            throw new IllegalArgumentException(
                    "random windows: expected a text and at least 2 ids a row, got %d texts and %d"
                            .formatted(texts.size(), width));
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
            TokenStream text = texts.get(random.below(2 * row, texts.size()));
            int from = random.below(2 * row + 1, text.length() - width + 1);
            text.copyTo(from, ids, r * width, width);
        }
        return Batch.shifted(rows, width, ids, lengths).withoutLastColumn();
    }
}
