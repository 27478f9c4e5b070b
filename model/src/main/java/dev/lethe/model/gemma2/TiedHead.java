package dev.lethe.model.gemma2;

import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.TensorSource;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// A head that a checkpoint stores although it is tied to the embedding. It is not read, so it must
/// say what the embedding says.
final class TiedHead {
    private static final String HEAD = "lm_head.weight";
    private static final String EMBEDDING = "model.embed_tokens.weight";

    private TiedHead() {}

    /// @throws CheckpointException where both are stored and differ in shape or in a value
    static void require(TensorSource source) {
        if (!source.contains(HEAD) || !source.contains(EMBEDDING)) {
            return;
        }
        Entry head = source.entry(HEAD);
        Entry embedding = source.entry(EMBEDDING);
        if (!head.shape().equals(embedding.shape()) || !sameValues(head, embedding)) {
            throw new CheckpointException(
                    ("%s: tensor `%s`: expected the values of `%s`, to which the head is tied, got"
                                    + " others; remove it or use a checkpoint with a tied head")
                            .formatted(source.path(), HEAD, EMBEDDING));
        }
    }

    private static boolean sameValues(Entry head, Entry embedding) {
        if (head.dtype() == embedding.dtype()) {
            return head.bytes().mismatch(embedding.bytes()) == -1;
        }
        long rows = head.shape().isEmpty() ? 1 : head.shape().getFirst();
        for (long row = 0; row < rows; row++) {
            if (!Arrays.equals(row(head, row, rows), row(embedding, row, rows))) {
                return false;
            }
        }
        return true;
    }

    /// One row alone, so that a head of any size is compared in little memory.
    private static double[] row(Entry entry, long row, long rows) {
        long bytes = entry.bytes().byteSize() / rows;
        MemorySegment values = entry.bytes().asSlice(row * bytes, bytes);
        List<Long> width = List.of(bytes / entry.dtype().bytes());
        return new Entry(entry.name(), entry.dtype(), width, values).toDoubles();
    }
}
