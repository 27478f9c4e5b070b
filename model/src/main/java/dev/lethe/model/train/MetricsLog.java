package dev.lethe.model.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.lethe.model.checkpoint.AtomicFile;
import dev.lethe.model.checkpoint.CheckpointException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// `metrics.jsonl`: one JSON object a step or check, written line by line so that a killed run
/// keeps what it had. It says nothing of the clock: equal runs leave equal files.
public final class MetricsLog implements TrainingObserver, AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STEP = "step";
    private static final String TEXTS = "texts";
    private static final String LEARNING_RATE = "learning_rate"; // steps have it, checks have not

    private final Path file;
    private final FileChannel channel;

    /// What a check saw.
    ///
    /// @param metrics by name
    /// @param texts what the model said, by what it was asked
    public record Look(
            long step, SequencedMap<String, Double> metrics, SequencedMap<String, String> texts) {}

    /// Begins a file, replacing one that is there.
    public MetricsLog(Path file) {
        this(file, 0);
    }

    /// Goes on with a file as it was right after a step, before that step's check; what came later
    /// is cut off.
    ///
    /// @param step 0 begins it
    /// @throws CheckpointException where the file does not reach that step
    public MetricsLog(Path file, long step) {
        this.file = file;
        try {
            long length = step == 0 ? 0 : lengthAfter(file, step);
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(length);
            channel.position(length);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private static long lengthAfter(Path file, long step) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                JsonNode line = JSON.readTree(bytes, from, i - from);
                from = i + 1;
                if (line.path(STEP).asLong() == step && line.has(LEARNING_RATE)) {
                    return from;
                }
            }
        }
        throw new CheckpointException(
                ("%s: expected a line for step %d, which the checkpoint beside it is"
                                + " from, got none; remove the directory %s and run again")
                        .formatted(file, step, file.toAbsolutePath().getParent()));
    }

    /// The checks of a file, in their order.
    public static List<Look> looks(Path file) {
        List<Look> looks = new ArrayList<>();
        try {
            for (String text : Files.readAllLines(file)) {
                JsonNode line = JSON.readTree(text);
                if (!line.has(LEARNING_RATE)) {
                    looks.add(look(line));
                }
            }
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    "%s: expected JSON lines, got: %s; remove its directory and run again"
                            .formatted(file, e.getOriginalMessage()),
                    e);
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: cannot read: expected a readable file, got %s; check its rights"
                            .formatted(file, AtomicFile.reason(e)),
                    e);
        }
        return looks;
    }

    private static Look look(JsonNode line) {
        SequencedMap<String, Double> metrics = new LinkedHashMap<>();
        SequencedMap<String, String> texts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : line.properties()) {
            switch (field.getKey()) {
                case STEP -> {}
                case TEXTS ->
                        field.getValue()
                                .properties()
                                .forEach(one -> texts.put(one.getKey(), one.getValue().asText()));
                default -> metrics.put(field.getKey(), number(field.getValue()));
            }
        }
        return new Look(line.path(STEP).asLong(), metrics, texts);
    }

    /// JSON has no word for infinity and NaN; they are written as strings.
    private static double number(JsonNode value) {
        return Double.parseDouble(value.asText());
    }

    @Override
    public void onStep(StepReport report) {
        ObjectNode line = JSON.createObjectNode();
        line.put(STEP, report.step());
        line.put("loss", report.loss());
        report.terms().forEach(line::put);
        line.put(LEARNING_RATE, report.learningRate());
        line.put("gradient_norm", report.gradientNorm());
        line.put("tokens", report.tokens());
        write(line);
    }

    @Override
    public void onCheck(long step, Check.Outcome outcome) {
        ObjectNode line = JSON.createObjectNode();
        line.put(STEP, step);
        outcome.metrics().forEach(line::put);
        if (!outcome.texts().isEmpty()) {
            ObjectNode texts = line.putObject(TEXTS);
            outcome.texts().forEach(texts::put);
        }
        write(line);
    }

    private void write(ObjectNode line) {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /// Sees to it that all lines are on the disk, so that they outlast the machine's power too.
    public void force() {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private CheckpointException unwritable(IOException e) {
        return new CheckpointException(
                ("%s: cannot write: expected a writable place, got %s; check the"
                                + " directory, its rights and free space")
                        .formatted(file, AtomicFile.reason(e)),
                e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }
}
