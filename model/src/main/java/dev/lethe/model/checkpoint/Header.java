package dev.lethe.model.checkpoint;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// What a safetensors header says, checked: the slots lie in the order of the data and tile it
/// without gap or overlap.
///
/// @param metadata the strings of `__metadata__`, in the file's order; empty where absent
record Header(Map<String, String> metadata, List<Slot> slots) {
    /// The key that is no tensor.
    static final String METADATA = "__metadata__";

    /// Longest header accepted, in bytes: the limit of the format's reference implementation.
    static final long LIMIT = 100_000_000;

    /// Where a tensor lies: bytes `begin` (inclusive) to `end` (exclusive) after the header.
    record Slot(String name, ElementType dtype, List<Long> shape, long begin, long end) {
        Slot {
            shape = List.copyOf(shape);
            if (begin < 0 || begin > end) {
                throw new CheckpointException(
                        ("tensor `%s`: data_offsets [%d, %d] do not satisfy 0 <= begin <= end;"
                                        + " write the file again")
                                .formatted(name, begin, end));
            }
            long expected = Shapes.bytes(name, shape, dtype);
            if (end - begin != expected) {
                throw new CheckpointException(
                        ("tensor `%s`: %s %s takes %d bytes, data_offsets [%d, %d] hold %d; "
                                        + "write the file again")
                                .formatted(name, dtype, shape, expected, begin, end, end - begin));
            }
        }
    }

    /// Sorts the slots by position and checks that they fill `dataBytes` exactly.
    static Header tiling(Map<String, String> metadata, List<Slot> unordered, long dataBytes) {
        List<Slot> slots =
                unordered.stream()
                        .sorted(Comparator.comparingLong(Slot::begin).thenComparingLong(Slot::end))
                        .toList();
        long position = 0;
        String previous = "the header";
        for (Slot slot : slots) {
            if (slot.begin() != position) {
                throw new CheckpointException(
                        ("tensor `%s`: %s with %s: expected to begin at byte %d, got %d; "
                                        + "write the file again")
                                .formatted(
                                        slot.name(),
                                        slot.begin() < position ? "overlap" : "gap",
                                        previous,
                                        position,
                                        slot.begin()));
            }
            if (slot.end() > dataBytes) {
                throw new CheckpointException(
                        ("truncated: tensor `%s` ends at byte %d of the data, got %d bytes of data;"
                                        + " fetch the file again")
                                .formatted(slot.name(), slot.end(), dataBytes));
            }
            position = slot.end();
            previous = "tensor `" + slot.name() + "`";
        }
        if (position != dataBytes) {
            throw new CheckpointException(
                    ("gap at the end: the tensors take %d bytes of data, got %d; "
                                    + "write the file again")
                            .formatted(position, dataBytes));
        }
        return new Header(metadata, slots);
    }
}
