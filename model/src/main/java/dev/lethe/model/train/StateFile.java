package dev.lethe.model.train;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lethe.model.checkpoint.AtomicFile;
import dev.lethe.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/// `state.json` of a training checkpoint: the counters, and the checksums of the other files and of
/// its own contents.
///
/// @param files SHA-256 in hexadecimal by file name
record StateFile(
        long steps, long tokens, long optimizerSteps, SequencedMap<String, String> files) {
    static final String NAME = "state.json";

    /// Raised when the meaning of a checkpoint's contents changes.
    static final int FORMAT_VERSION = 1;

    private static final String VERSION = "format_version";
    private static final String STEPS = "steps";
    private static final String TOKENS = "tokens";
    private static final String OPTIMIZER_STEPS = "optimizer_steps";
    private static final String FILES = "files";
    private static final String CHECKSUM = "checksum";
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    void write(Path directory) {
        ObjectNode state = JSON.createObjectNode();
        state.put(VERSION, FORMAT_VERSION);
        state.put(STEPS, steps);
        state.put(TOKENS, tokens);
        state.put(OPTIMIZER_STEPS, optimizerSteps);
        ObjectNode checksums = state.putObject(FILES);
        files.forEach(checksums::put);
        state.put(CHECKSUM, checksum(state));
        ByteBuffer text =
                ByteBuffer.wrap((state.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
        AtomicFile.write(directory.resolve(NAME), channel -> writeFully(channel, text));
    }

    private static void writeFully(FileChannel channel, ByteBuffer text) throws IOException {
        while (text.hasRemaining()) {
            channel.write(text);
        }
    }

    /// @throws CheckpointException where it is missing, damaged or of another format version
    static StateFile read(Path directory) {
        Path file = directory.resolve(NAME);
        JsonNode read;
        try {
            read = JSON.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw damaged(file, "JSON", e.getOriginalMessage());
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: cannot read: expected the state of a training, got %s; name a checkpoint directory"
                            .formatted(file, e.getClass().getSimpleName()),
                    e);
        }
        if (!(read instanceof ObjectNode state)) {
            throw damaged(file, "an object", read.getNodeType());
        }
        int version = state.path(VERSION).asInt();
        if (version != FORMAT_VERSION) {
            throw new CheckpointException(
                    "%s: expected format version %d, got %s; delete the checkpoint and begin the training anew"
                            .formatted(file, FORMAT_VERSION, state.get(VERSION)));
        }
        String stated = state.path(CHECKSUM).asText();
        state.remove(CHECKSUM);
        String computed = checksum(state);
        if (!computed.equals(stated)) {
            throw damaged(file, "checksum " + stated, computed);
        }
        SequencedMap<String, String> files = new TreeMap<>();
        for (Map.Entry<String, JsonNode> each : state.path(FILES).properties()) {
            files.put(each.getKey(), each.getValue().asText());
        }
        return new StateFile(
                state.path(STEPS).asLong(),
                state.path(TOKENS).asLong(),
                state.path(OPTIMIZER_STEPS).asLong(),
                files);
    }

    /// Over the contents in their order, so that white space does not count.
    private static String checksum(ObjectNode withoutChecksum) {
        return Checksum.of(withoutChecksum.toString().getBytes(StandardCharsets.UTF_8));
    }

    static CheckpointException damaged(Path file, Object expected, Object got) {
        return new CheckpointException(
                "%s: damaged: expected %s, got %s; delete the checkpoint and begin the training anew"
                        .formatted(file, expected, got));
    }
}
