package dev.lethe.model.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Writes safetensors files as Hugging Face does, the same bytes for the same entries every time.
///
/// `__metadata__` comes first and says `"format": "pt"`; the header is padded with spaces to a
/// multiple of 8. Data lie in the order given, but wider element types before narrower ones, so
/// that every tensor is aligned without gaps.
public final class SafeTensorsWriter {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int CHUNK = 1 << 20;

    private SafeTensorsWriter() {}

    /// Writes `target` whole or not at all, streaming from the entries' segments.
    ///
    /// @throws CheckpointException for a name given twice or not encodable, a header above the
    ///     format's limit, or an unwritable place
    public static void write(Path target, List<Entry> entries) {
        write(target, entries, Map.of());
    }

    /// As [#write(Path, List)], with further strings for `__metadata__`, sorted by key; `format`
    /// stays `pt`.
    public static void write(Path target, List<Entry> entries, Map<String, String> metadata) {
        List<Entry> ordered =
                entries.stream()
                        .sorted(
                                Comparator.comparingInt((Entry entry) -> entry.dtype().bytes())
                                        .reversed())
                        .toList(); // stable: the given order within one width
        ByteBuffer header = header(target, ordered, metadata);
        AtomicFile.write(
                target,
                channel -> {
                    writeFully(channel, header);
                    for (Entry entry : ordered) {
                        stream(channel, entry.bytes());
                    }
                });
    }

    private static ByteBuffer header(
            Path target, List<Entry> entries, Map<String, String> metadata) {
        ByteBuffer json;
        try {
            json =
                    StandardCharsets.UTF_8
                            .newEncoder()
                            .encode(CharBuffer.wrap(json(target, entries, metadata)));
        } catch (CharacterCodingException e) {
            throw new CheckpointException(
                    ("%s: a tensor name or metadata is not Unicode (a lone surrogate); expected"
                                    + " encodable names; rename it")
                            .formatted(target),
                    e);
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: cannot form the header: %s".formatted(target, e.getMessage()), e);
        }
        int length = json.remaining() + Math.floorMod(-json.remaining(), 8);
        if (length > Header.LIMIT) {
            throw new CheckpointException(
                    "%s: header of %d bytes; expected at most %d; write fewer tensors a file"
                            .formatted(target, length, Header.LIMIT));
        }
        ByteBuffer header = ByteBuffer.allocate(Long.BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(length).put(json);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.flip();
    }

    private static String json(Path target, List<Entry> entries, Map<String, String> metadata)
            throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeObjectFieldStart(Header.METADATA);
            json.writeStringField("format", "pt");
            for (Map.Entry<String, String> pair : new TreeMap<>(metadata).entrySet()) {
                if (!pair.getKey().equals("format")) {
                    json.writeStringField(pair.getKey(), pair.getValue());
                }
            }
            json.writeEndObject();
            Set<String> seen = new HashSet<>(Set.of(Header.METADATA));
            long begin = 0;
            for (Entry entry : entries) {
                if (!seen.add(entry.name())) {
                    throw new CheckpointException(
                            "%s: tensor `%s` twice or reserved; expected each name once; rename one"
                                    .formatted(target, entry.name()));
                }
                json.writeObjectFieldStart(entry.name());
                json.writeStringField("dtype", entry.dtype().name());
                long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
                json.writeFieldName("shape");
                json.writeArray(shape, 0, shape.length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {begin, begin + entry.bytes().byteSize()}, 0, 2);
                json.writeEndObject();
                begin += entry.bytes().byteSize();
            }
            json.writeEndObject();
        }
        return text.toString();
    }

    /// Goes through a buffer: a segment over a Java array cannot be handed to a channel, nor can
    /// more than 2 GiB.
    private static void stream(FileChannel channel, MemorySegment bytes) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(CHUNK, bytes.byteSize()));
        for (long position = 0; position < bytes.byteSize(); position += CHUNK) {
            int count = (int) Math.min(CHUNK, bytes.byteSize() - position);
            MemorySegment.copy(
                    bytes,
                    ValueLayout.JAVA_BYTE,
                    position,
                    MemorySegment.ofBuffer(chunk.clear()),
                    ValueLayout.JAVA_BYTE,
                    0,
                    count);
            writeFully(channel, chunk.limit(count));
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
