package dev.lethe.model.data;

import java.util.Arrays;

/// Rows of token ids of one length, padded on the right, with the target of each position.
///
/// A *target* is a position whose next token exists and is no padding; a *position* counts when its own
/// token is no padding. Causal attention never looks at padding on the right, so no mask is needed.
///
/// @param rows B
/// @param tokens T
/// @param ids `B T` token ids, row after row
/// @param targets the next token of each position, negative where none counts
/// @param lengths real tokens of each row, from 0 to T
public record Batch(int rows, int tokens, int[] ids, int[] targets, int[] lengths) {
    public Batch {
        if (ids.length != rows * tokens || targets.length != ids.length || lengths.length != rows) {
            throw new IllegalArgumentException(
                    "batch: %d rows of %d tokens need %d ids and targets and %d lengths, got %d, %d, %d"
                            .formatted(
                                    rows,
                                    tokens,
                                    rows * tokens,
                                    rows,
                                    ids.length,
                                    targets.length,
                                    lengths.length));
        }
    }

    /// From whole rows: position t predicts the row's token t + 1, the last position nothing.
    public static Batch shifted(int rows, int tokens, int[] ids, int[] lengths) {
        int[] targets = new int[ids.length];
        for (int r = 0; r < rows; r++) {
            for (int t = 0; t < tokens; t++) {
                int at = r * tokens + t;
                targets[at] = t + 1 < lengths[r] ? ids[at + 1] : -1;
            }
        }
        return new Batch(rows, tokens, ids, targets, lengths);
    }

    /// For training: the last column, which predicts nothing, is left out of the input but kept as a
    /// target, so that no position is computed in vain.
    public Batch withoutLastColumn() {
        int kept = tokens - 1;
        int[] shorterIds = new int[rows * kept];
        int[] shorterTargets = new int[rows * kept];
        int[] shorterLengths = new int[rows];
        for (int r = 0; r < rows; r++) {
            System.arraycopy(ids, r * tokens, shorterIds, r * kept, kept);
            System.arraycopy(targets, r * tokens, shorterTargets, r * kept, kept);
            shorterLengths[r] = Math.min(lengths[r], kept);
        }
        return new Batch(rows, kept, shorterIds, shorterTargets, shorterLengths);
    }

    /// Lengths of rows from an attention mask of ones and zeros.
    ///
    /// @param name of the mask, for the error
    public static int[] lengths(String name, int rows, int tokens, int[] mask) {
        int[] lengths = new int[rows];
        for (int r = 0; r < rows; r++) {
            int length = 0;
            for (int t = 0; t < tokens; t++) {
                int mark = mask[r * tokens + t];
                if (mark != 0 && mark != 1) {
                    throw new IllegalArgumentException(
                            "%s: row %d, position %d: expected 0 or 1, got %d"
                                    .formatted(name, r, t, mark));
                }
                if (mark == 1) {
                    if (length < t) {
                        throw new IllegalArgumentException(
                                "%s: row %d has padding before position %d; expected padding on the right only, move it there"
                                        .formatted(name, r, t));
                    }
                    length++;
                }
            }
            lengths[r] = length;
        }
        return lengths;
    }

    /// Fails for an id or a target that the vocabulary does not have.
    ///
    /// @param name of the batch, for the error
    public Batch requireVocabulary(String name, int vocabulary) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabulary) {
                throw new IllegalArgumentException(
                        "%s: row %d, position %d: token id %d is outside the vocabulary; expected 0 to %d"
                                .formatted(name, i / tokens, i % tokens, ids[i], vocabulary - 1));
            }
        }
        for (int i = 0; i < targets.length; i++) {
            if (targets[i] >= vocabulary) {
                throw new IllegalArgumentException(
                        "%s: row %d, position %d: target %d is outside the vocabulary; expected less than %d, negative for none"
                                .formatted(name, i / tokens, i % tokens, targets[i], vocabulary));
            }
        }
        return this;
    }

    /// Positions that count: the sum of the lengths.
    public int positions() {
        int sum = 0;
        for (int length : lengths) {
            sum += length;
        }
        return sum;
    }

    /// Targets that count.
    public int targetCount() {
        return (int) Arrays.stream(targets).filter(target -> target >= 0).count();
    }

    /// 1 for each position that counts, `B T`.
    public int[] positionMask() {
        int[] mask = new int[ids.length];
        for (int r = 0; r < rows; r++) {
            Arrays.fill(mask, r * tokens, r * tokens + lengths[r], 1);
        }
        return mask;
    }

    /// 1 for each target that counts, `B T`.
    public int[] targetMask() {
        return Arrays.stream(targets).map(target -> target >= 0 ? 1 : 0).toArray();
    }

    /// These rows and then those of another batch of as many tokens.
    public Batch and(Batch other) {
        return new Batch(
                rows + other.rows,
                tokens,
                joined(ids, other.ids),
                joined(targets, other.targets),
                joined(lengths, other.lengths));
    }

    private static int[] joined(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /// The rows from `from` (inclusive) to `to` (exclusive).
    public Batch rows(int from, int to) {
        return rows(from, to, null);
    }

    /// As above, into the arrays of a batch that nobody reads any more, where it has the size; null
    /// for new ones.
    Batch rows(int from, int to, Batch spare) {
        int count = to - from;
        boolean fits = spare != null && spare.rows == count && spare.tokens == tokens;
        Batch part =
                fits
                        ? spare
                        : new Batch(
                                count,
                                tokens,
                                new int[count * tokens],
                                new int[count * tokens],
                                new int[count]);
        System.arraycopy(ids, from * tokens, part.ids, 0, part.ids.length);
        System.arraycopy(targets, from * tokens, part.targets, 0, part.targets.length);
        System.arraycopy(lengths, from, part.lengths, 0, count);
        return part;
    }
}
