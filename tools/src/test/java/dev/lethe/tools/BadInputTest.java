package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.lethe.model.checkpoint.Entry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/// Whatever is wrong with what `lethe gradients` is given is one line, the contract's exit code,
/// and nothing written.
class BadInputTest {
    private static final int FAILED = 1;
    private static final int REFUSED = 2;
    private static final String NORM = "model.norm.weight";

    @TempDir Path folder;
    private Path checkpoint;
    private Path batch;
    private Path results;

    @BeforeEach
    void copyGolden() throws IOException {
        checkpoint = SampleFiles.checkpoint(GoldenCase.A_tiny, folder.resolve("checkpoint"));
        batch = GoldenCase.A_tiny.file("inputs.safetensors");
        results = Files.createDirectory(folder.resolve("results"));
    }

    @AfterEach
    void nothingIsWritten() throws IOException {
        try (Stream<Path> left = Files.list(results)) {
            assertEquals(List.of(), left.toList());
        }
    }

    private Invocation gradients(String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "gradients",
                                "--checkpoint",
                                checkpoint.toString(),
                                "--batch",
                                batch.toString(),
                                "--out",
                                results.resolve("out.safetensors").toString()));
        arguments.addAll(Arrays.asList(more));
        return Invocation.of(arguments);
    }

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

    private void useBatch(Function<Entry, Stream<Entry>> change) {
        batch = SampleFiles.edited(batch, folder.resolve("batch.safetensors"), change);
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

    @Test
    void tokenOutsideTheVocabulary() {
        useBatch(
                SampleFiles.only(
                        "main.input_ids", _ -> Stream.of(tokens("main.input_ids", 2, 96, 97, 3))));
        useBatchWithoutMask();
        gradients("--loss", "ce")
                .assertOneLine(
                        FAILED, "main.input_ids", "position 2", "token id 97", "expected 0 to 96");
    }

    private void useBatchWithoutMask() {
        Path edited = batch;
        batch =
                SampleFiles.edited(
                        edited,
                        folder.resolve("maskless.safetensors"),
                        SampleFiles.only("main.attention_mask", _ -> Stream.empty()));
    }

    private static Entry tokens(String name, int... values) {
        return SampleFiles.integers(name, List.of(1L, (long) values.length), values);
    }

    @Test
    void batchWithoutItsTensor() {
        useBatch(SampleFiles.only("retain.input_ids", _ -> Stream.empty()));
        gradients("--loss", "maxent")
                .assertOneLine(
                        FAILED, "batch.safetensors", "expected a tensor", "retain.input_ids");
    }

    @Test
    void batchOfTheWrongRank() {
        useBatch(
                SampleFiles.only(
                        "main.input_ids",
                        _ -> Stream.of(SampleFiles.integers("main.input_ids", List.of(2L), 2, 3))));
        gradients("--loss", "ce")
                .assertOneLine(
                        FAILED, "main.input_ids", "expected shape [rows, tokens]", "got [2]");
    }

    @Test
    void batchWithoutRows() {
        useBatch(
                SampleFiles.only(
                        "main.input_ids",
                        _ -> Stream.of(SampleFiles.integers("main.input_ids", List.of(0L, 3L)))));
        gradients("--loss", "ce")
                .assertOneLine(FAILED, "main.input_ids", "at least one of each", "got [0, 3]");
    }

    @Test
    void paddingOnTheLeft() {
        useBatch(
                entry ->
                        switch (entry.name()) {
                            case "main.input_ids" -> Stream.of(tokens(entry.name(), 0, 2, 3));
                            case "main.attention_mask" -> Stream.of(tokens(entry.name(), 0, 1, 1));
                            default -> Stream.of(entry);
                        });
        gradients("--loss", "ce")
                .assertOneLine(FAILED, "main.attention_mask", "padding on the right only");
    }

    @Test
    void maskOfAnotherShape() {
        useBatch(
                SampleFiles.only(
                        "main.attention_mask",
                        _ -> Stream.of(tokens("main.attention_mask", 1, 1))));
        gradients("--loss", "ce")
                .assertOneLine(FAILED, "main.attention_mask", "shape [3, 20]", "got [1, 2]");
    }

    @Test
    void idsThatAreNoIntegers() {
        useBatch(
                SampleFiles.only(
                        "main.input_ids",
                        _ ->
                                Stream.of(
                                        SampleFiles.floats(
                                                "main.input_ids", List.of(1L, 2L), 2, 3))));
        useBatchWithoutMask();
        gradients("--loss", "ce")
                .assertOneLine(FAILED, "main.input_ids", "expected integers", "F32");
    }

    @Test
    void batchWithoutTargets() {
        useBatch(SampleFiles.only("main.input_ids", _ -> Stream.of(tokens("main.input_ids", 2))));
        useBatchWithoutMask();
        gradients("--loss", "ce").assertOneLine(FAILED, "ce", "expected at least one");
    }

    @Test
    void noSuchBatch() {
        batch = folder.resolve("nothing.safetensors");
        gradients("--loss", "ce").assertOneLine(FAILED, "nothing.safetensors", "cannot read");
    }

    @Test
    void batchThatIsADirectory() {
        batch = folder;
        gradients("--loss", "ce")
                .assertOneLine(FAILED, folder + ": cannot read: expected a regular file", "directory");
    }

    /// Opening a pipe waits for a writer, which never comes.
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @EnabledOnOs(value = {OS.LINUX, OS.MAC}, disabledReason = "needs mkfifo")
    void filesThatArePipes() throws IOException, InterruptedException {
        batch = pipe("batch.safetensors");
        gradients("--loss", "ce")
                .assertOneLine(FAILED, batch + ": cannot read: expected a regular file, got a pipe");
        Path config = checkpoint.resolve("config.json");
        Files.delete(config);
        pipe("checkpoint/config.json");
        gradients("--loss", "ce")
                .assertOneLine(FAILED, config + ": cannot read: expected a regular file");
    }

    private Path pipe(String name) throws IOException, InterruptedException {
        Path pipe = folder.resolve(name);
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        return pipe;
    }

    @Test
    void outputIntoNoDirectory() {
        Path out = folder.resolve("missing").resolve("out.safetensors");
        outputTo(out)
                .assertOneLine(FAILED, "--out", out.toString(), "expected a writable directory");
    }

    @Test
    void outputOverADirectory() {
        outputTo(results).assertOneLine(FAILED, "--out", "got the directory");
    }

    @Test
    void outputOverTheWeights() throws IOException {
        Path weights = checkpoint.resolve("model.safetensors");
        outputTo(weights).assertOneLine(REFUSED, "--out", "expected a file of its own");
        assertEquals(-1, Files.mismatch(weights, GoldenCase.A_tiny.file("model.safetensors")));
    }

    @Test
    void outputOverTheConfiguration() throws IOException {
        Path config = checkpoint.resolve("config.json");
        outputTo(config).assertOneLine(REFUSED, "--out", "expected a file of its own");
        assertEquals(-1, Files.mismatch(config, GoldenCase.A_tiny.file("config.json")));
    }

    @Test
    void outputOverTheTeachersWeights() throws IOException {
        Path teacher = SampleFiles.checkpoint(GoldenCase.A_tiny, folder.resolve("teacher"));
        Path weights = teacher.resolve("model.safetensors");
        Invocation.of(
                        "gradients",
                        "--checkpoint",
                        checkpoint.toString(),
                        "--batch",
                        batch.toString(),
                        "--loss",
                        "kl",
                        "--teacher",
                        teacher.toString(),
                        "--out",
                        weights.toString())
                .assertOneLine(REFUSED, "--out", "expected a file of its own");
        assertEquals(-1, Files.mismatch(weights, GoldenCase.A_tiny.file("model.safetensors")));
    }

    @Test
    void outputOverWhatIsNoFile() throws IOException {
        Path socket = folder.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            outputTo(socket).assertOneLine(FAILED, "--out", "regular file");
        }
    }

    private Invocation outputTo(Path out) {
        return Invocation.of(
                "gradients",
                "--checkpoint",
                checkpoint.toString(),
                "--batch",
                batch.toString(),
                "--loss",
                "ce",
                "--out",
                out.toString());
    }

    @Test
    void patternThatIsNone() {
        gradients("--loss", "ce", "--parameters", "model.(norm")
                .assertOneLine(
                        REFUSED, "--parameters", "expected a regular expression", "model.(norm");
    }

    @Test
    void patternOfNoWholeName() {
        gradients("--loss", "ce", "--parameters", "norm")
                .assertOneLine(REFUSED, "--parameters", "whole name", "matches none");
    }

    @Test
    void rmuWithoutLayer() {
        gradients("--loss", "rmu").assertOneLine(REFUSED, "--loss rmu", "expected --layer K");
    }

    @Test
    void rmuBeyondTheLayers() {
        gradients("--loss", "rmu", "--layer", "2")
                .assertOneLine(REFUSED, "--layer", "expected 0 to 1", "got 2");
    }

    @Test
    void frozenFileWithoutFrozenWeights() {
        gradients("--loss", "rmu", "--layer", "1", "--frozen", weights())
                .assertOneLine(FAILED, "--frozen", "rmu.frozen.", "got none");
    }

    @Test
    void klWithoutTeacher() {
        gradients("--loss", "kl").assertOneLine(REFUSED, "--loss kl", "expected --teacher");
    }

    @Test
    void teacherOfAnotherVocabulary() {
        gradients("--loss", "kl", "--teacher", GoldenCase.B_wide.folder().toString())
                .assertOneLine(FAILED, "--teacher", "vocabulary of 97", "got 260");
    }

    @Test
    void directionWithoutASelectedParameter() {
        gradients("--loss", "ce", "--hvp", weights())
                .assertOneLine(FAILED, "model.safetensors", "v.model.embed_tokens.weight");
    }

    private String weights() {
        return GoldenCase.A_tiny.file("model.safetensors").toString();
    }
}
