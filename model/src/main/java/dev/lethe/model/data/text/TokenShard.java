package dev.lethe.model.data.text;

import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.model.checkpoint.SafeTensorsWriter;
import dev.lethe.model.data.DataException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/// Windows as a safetensors file: `ids`, I32 `[W, T+1]`, and `lengths`, I32 `[W]`.
public final class TokenShard {
    static final String IDS = "ids";
    static final String LENGTHS = "lengths";
    private static final ValueLayout.OfInt LITTLE_ENDIAN =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private TokenShard() {}

    /// Writes a file whole or not at all.
    public static void write(Path file, Windows windows) {
        long count = windows.count();
        try (Arena arena = Arena.ofConfined()) {
            SafeTensorsWriter.write(
                    file,
                    List.of(
                            entry(
                                    IDS,
                                    List.of(count, (long) windows.width()),
                                    windows.ids(),
                                    arena),
                            entry(LENGTHS, List.of(count), windows.lengths(), arena)));
        }
    }

    private static Entry entry(String name, List<Long> shape, int[] values, Arena arena) {
        MemorySegment bytes = arena.allocate(LITTLE_ENDIAN, values.length);
        MemorySegment.copy(values, 0, bytes, LITTLE_ENDIAN, 0, values.length);
        return new Entry(name, ElementType.I32, shape, bytes);
    }

    /// Reads a file that [#write] wrote.
    ///
    /// @throws DataException where its tensors do not fit each other
    public static Windows read(Path file) {
        try (SafeTensors tensors = SafeTensors.open(file)) {
            Entry ids = tensors.entry(IDS);
            Entry lengths = tensors.entry(LENGTHS);
            if (ids.shape().size() != 2 || lengths.shape().size() != 1) {
                throw new DataException(
                        ("%s: expected ids [W, T+1] and lengths [W], got %s and %s;"
                                        + " write the shard again")
                                .formatted(file, ids.shape(), lengths.shape()));
            }
            try {
                return new Windows(
                        Math.toIntExact(ids.shape().getLast()), ids.toInts(), lengths.toInts());
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw new DataException(
                        "%s: expected windows and their lengths, got: %s; write the shard again"
                                .formatted(file, e.getMessage()),
                        e);
            }
        }
    }
}
