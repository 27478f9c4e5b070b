package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lethe.model.checkpoint.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Whatever is wrong with a batch.
class BadBatchTest extends GradientsOfBadInput {
    private void useBatch(Function<Entry, Stream<Entry>> change) {
        batch = SampleFiles.edited(batch, folder.resolve("batch.safetensors"), change);
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
}
