package dev.lethe.model.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One safetensors file, mapped into memory: nothing is copied until it is asked for.
///
/// Layout: header length (u64, little-endian), JSON header, row-major little-endian data without
/// gaps (the format of `huggingface/safetensors`). Any thread may read.
public final class SafeTensors implements TensorSource {
    private static final ValueLayout.OfLong U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final Arena arena;
    private final Map<String, String> metadata;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private SafeTensors(Path path, Arena arena, FileChannel channel) throws IOException {
        this.path = path;
        this.arena = arena;
        long size = channel.size();
        if (size < Long.BYTES) {
            throw new CheckpointException(
                    "expected at least the 8 bytes of a header length, got %d; fetch the file again"
                            .formatted(size));
        }
        MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
        long length = file.get(U64, 0);
        if (Long.compareUnsigned(length, Header.LIMIT) > 0) {
            throw new CheckpointException(
                    ("expected a header of at most %d bytes, got length %s; "
                                    + "is this a safetensors file?")
                            .formatted(Header.LIMIT, Long.toUnsignedString(length)));
        }
        if (length > size - Long.BYTES) {
            throw new CheckpointException(
                    ("header of %d bytes lies beyond the file of %d bytes; it is truncated or no"
                                    + " safetensors file; fetch it again")
                            .formatted(length, size));
        }
        MemorySegment data = file.asSlice(Long.BYTES + length);
        Header header = HeaderParser.parse(text(file.asSlice(Long.BYTES, length)), data.byteSize());
        this.metadata = Collections.unmodifiableMap(header.metadata());
        for (Header.Slot slot : header.slots()) {
            MemorySegment bytes = data.asSlice(slot.begin(), slot.end() - slot.begin());
            entries.put(slot.name(), new Entry(slot.name(), slot.dtype(), slot.shape(), bytes));
        }
    }

    /// Maps a file and checks its header whole.
    ///
    /// @throws CheckpointException where it is no regular file, cannot be read or is malformed in any way
    public static SafeTensors open(Path path) {
        RegularFile.require(path);
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new SafeTensors(path, arena, channel);
        } catch (IOException e) {
            arena.close();
            throw new CheckpointException(
                    "%s: cannot read: expected a readable safetensors file, got %s; check the path"
                            .formatted(path, e.getClass().getSimpleName()),
                    e);
        } catch (CheckpointException e) {
            arena.close();
            throw new CheckpointException(path + ": " + e.getMessage(), e);
        }
    }

    private static String text(MemorySegment header) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(header.asByteBuffer()).toString();
        } catch (CharacterCodingException e) {
            throw new CheckpointException(
                    "header: expected UTF-8 text, got other bytes; is this a safetensors file?", e);
        }
    }

    @Override
    public Path path() {
        return path;
    }

    /// The strings of `__metadata__`; empty where the file has none.
    public Map<String, String> metadata() {
        return metadata;
    }

    @Override
    public List<String> names() {
        return List.copyOf(entries.keySet());
    }

    @Override
    public boolean contains(String name) {
        return entries.containsKey(name);
    }

    @Override
    public Entry entry(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new CheckpointException(
                    "%s: expected a tensor `%s`, got %d others; check the name or use another file"
                            .formatted(path, name, entries.size()));
        }
        return entry;
    }

    /// @throws IllegalStateException when closed twice, or while another thread copies
    @Override
    public void close() {
        arena.close();
    }
}
