package dev.lethe.tools;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lethe.model.checkpoint.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Whatever is wrong with a checkpoint.
class BadCheckpointTest extends GradientsOfBadInput {
    private static final String NORM = "model.norm.weight";

    private Invocation withConfig(Consumer<ObjectNode> change) throws IOException {
        SampleFiles.editConfig(checkpoint, change);
        return gradients("--loss", "ce");
    }

    private Invocation withWeights(Function<Entry, Stream<Entry>> change) {
        SampleFiles.edited(
                GoldenCase.A_tiny.file("model.safetensors"),
                checkpoint.resolve("model.safetensors"),
                change);
        return gradients("--loss", "ce");
    }

    @Test
    void headsThatKeyValueHeadsDoNotDivide() throws IOException {
        withConfig(config -> config.put("num_key_value_heads", 3))
                .assertOneLine(
                        REFUSED,
                        "config.json",
                        "num_attention_heads",
                        "expected a multiple of num_key_value_heads 3",
                        "got 4");
    }

    @Test
    void oddHeadDimension() throws IOException {
        withConfig(config -> config.put("head_dim", 15))
                .assertOneLine(REFUSED, "config.json", "head_dim", "even", "got 15");
    }

    @Test
    void windowOfNothing() throws IOException {
        withConfig(config -> config.put("sliding_window", 0))
                .assertOneLine(REFUSED, "config.json", "sliding_window", "above 0", "got 0");
    }

    @Test
    void anotherArchitecture() throws IOException {
        withConfig(config -> config.put("model_type", "llama"))
                .assertOneLine(REFUSED, "model_type", "gemma2", "llama");
    }

    @Test
    void configurationThatIsNoJson() throws IOException {
        Files.writeString(checkpoint.resolve("config.json"), "{\n\"model_type\": gemma2\n}");
        gradients("--loss", "ce").assertOneLine(FAILED, "config.json", "expected valid JSON");
    }

    @Test
    void noCheckpoint() {
        checkpoint = folder.resolve("nowhere");
        gradients("--loss", "ce").assertOneLine(FAILED, "--checkpoint", "nowhere", "not there");
    }

    @Test
    void truncatedWeights() throws IOException {
        Path weights = checkpoint.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(whole, whole.length - 100));
        gradients("--loss", "ce")
                .assertOneLine(FAILED, "model.safetensors", "truncated", "got 111772");
    }

    @Test
    void foreignWeights() throws IOException {
        Files.writeString(checkpoint.resolve("model.safetensors"), "no tensors at all\n".repeat(9));
        gradients("--loss", "ce")
                .assertOneLine(FAILED, "model.safetensors", "is this a safetensors file?");
    }

    @Test
    void missingWeight() {
        withWeights(SampleFiles.only(NORM, _ -> Stream.empty()))
                .assertOneLine(FAILED, "model.safetensors", "expected a weight", NORM);
    }

    @Test
    void weightOfAnotherShape() {
        withWeights(
                        SampleFiles.only(
                                NORM,
                                _ -> Stream.of(SampleFiles.floats(NORM, List.of(3L), 1, 2, 3))))
                .assertOneLine(FAILED, NORM, "expected shape [32]", "got [3]");
    }

    @Test
    void weightsThatAreNoNumbers() {
        float[] values = new float[32];
        values[7] = Float.NaN;
        withWeights(
                        SampleFiles.only(
                                NORM,
                                _ -> Stream.of(SampleFiles.floats(NORM, List.of(32L), values))))
                .assertOneLine(FAILED, "ce: expected a finite number", "got NaN", "check");
    }
}
