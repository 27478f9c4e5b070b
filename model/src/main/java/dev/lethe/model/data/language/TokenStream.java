package dev.lethe.model.data.language;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.Tokenizer;
import java.util.Arrays;
import java.util.List;

/// Documents one after the other as one row of ids, each begun by its mark and none ended.
public final class TokenStream {
    private final int[] ids;

    private TokenStream(int[] ids) {
        this.ids = ids;
    }

    public static TokenStream of(List<String> documents, Tokenizer tokenizer) {
        int[] ids = new int[1 << 16];
        int length = 0;
        for (String document : documents) {
            int[] text = tokenizer.encode(document);
            int end = Math.addExact(length, Math.addExact(text.length, 1));
            if (end > ids.length) {
                ids = Arrays.copyOf(ids, Math.max(end, Math.addExact(ids.length, ids.length / 2)));
            }
            ids[length] = tokenizer.bosId();
            System.arraycopy(text, 0, ids, length + 1, text.length);
            length = end;
        }
        return new TokenStream(Arrays.copyOf(ids, length));
    }

    public int length() {
        return ids.length;
    }

    /// Copies the ids from `from` on into a whole row.
    void copyTo(int from, int[] rows, int at, int width) {
        System.arraycopy(ids, from, rows, at, width);
    }

    /// `count` windows without overlap, spread evenly over the stream so that all of it has a say.
    ///
    /// Of the stream's whole windows, number `i n / count` of `n` for each i.
    ///
    /// @param width ids a window, one more than its inputs
    public Batch windows(int width, int count) {
        int whole = ids.length / width;
        if (whole < count) {
            throw new IllegalArgumentException(
                    ("windows: expected at least %d windows of %d ids, got a text of %d;"
                                    + " ask for fewer")
                            .formatted(count, width, ids.length));
        }
        int[] rows = new int[count * width];
        int[] lengths = new int[count];
        Arrays.fill(lengths, width);
        for (int i = 0; i < count; i++) {
            copyTo((int) ((long) i * whole / count) * width, rows, i * width, width);
        }
        return Batch.shifted(count, width, rows, lengths).withoutLastColumn();
    }
}
