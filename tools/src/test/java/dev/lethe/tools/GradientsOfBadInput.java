package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// `lethe gradients` on a copy of a golden checkpoint in which something is wrong: one line, the
/// contract's exit code, and nothing written.
abstract class GradientsOfBadInput {
    static final int FAILED = 1;
    static final int REFUSED = 2;

    @TempDir Path folder;
    Path checkpoint;
    Path batch;
    Path results;

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

    Invocation gradients(String... more) {
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
}
