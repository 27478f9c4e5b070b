package dev.lethe.model.data;

import java.util.Arrays;
import java.util.List;

/// One text a row: begin mark, text, end mark, padded on the right to one length.
///
/// @param tokenizer makes the ids
/// @param length T, ids a row, marks included
public record TextRows(Tokenizer tokenizer, int length) {
    /// Ids that go before a text, so that character i of an ASCII text is at `i + PREFIX`.
    public static final int PREFIX = 1;

    /// The texts as whole rows.
    ///
    /// @throws IllegalArgumentException for a text too long for a row
    public Batch of(List<String> texts) {
        int[] ids = new int[texts.size() * length];
        int[] lengths = new int[texts.size()];
        Arrays.fill(ids, tokenizer.padId());
        for (int r = 0; r < texts.size(); r++) {
            int[] text = tokenizer.encode(texts.get(r));
            lengths[r] = PREFIX + text.length + 1;
            if (lengths[r] > length) {
                throw new IllegalArgumentException(
                        ("rows: \"%s\" takes %d ids with its marks, expected at most %d; make"
                                        + " rows longer")
                                .formatted(texts.get(r), lengths[r], length));
            }
            int at = r * length;
            ids[at] = tokenizer.bosId();
            System.arraycopy(text, 0, ids, at + PREFIX, text.length);
            ids[at + lengths[r] - 1] = tokenizer.eosId();
        }
        return Batch.shifted(texts.size(), length, ids, lengths);
    }
}
