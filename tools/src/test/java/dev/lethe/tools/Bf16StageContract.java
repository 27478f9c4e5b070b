package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Stages in BF16 on a device that has it: a stage stores masters in F32, or weights in BF16 where
/// there are none, and the next one goes on from them.
abstract class Bf16StageContract {
    private static final String PRETRAIN =
            "model: {layers: 1, hiddenSize: 4, intermediateSize: 4, heads: 1, kvHeads: 1,"
                    + " headDim: 2, maxPositions: 64}\ndata: mixed\n"
                    + "training: {steps: 2, rows: 8, microBatches: 2, schedule: constant,"
                    + " rate: 1e-3, lastRate: 1e-3, warmUp: 0, weightDecay: 0}\n";

    @TempDir private Path folder;

    /// As `--device` takes it.
    abstract String device();

    @ParameterizedTest
    @CsvSource({"bf16, F32", "bf16-pure, BF16"})
    void trains(String dtype, ElementType stored) throws IOException {
        stage(dtype, "pretrain", PRETRAIN, "--out", "base");
        assertStored("base", stored);
        stage(dtype, "perturb", "alpha: 0.5\nbeta: 0.1\n", "--from", "base", "--out", "noisy");
        assertStored("noisy", stored);
        List<String> generate = new ArrayList<>(List.of("generate", "--prompt", "7*8="));
        generate.addAll(List.of("--checkpoint", folder.resolve("noisy").toString()));
        generate.addAll(List.of("--max-tokens", "2", "--device", device(), "--dtype", dtype));
        Invocation.of(generate).assertDone();
    }

    /// In another folder, so that nothing is taken from the first run.
    @ParameterizedTest
    @CsvSource({"bf16", "bf16-pure"})
    void oneSeedHasOneResult(String dtype) throws IOException {
        stage(dtype, "pretrain", PRETRAIN, "--runs", "one", "--out", "first");
        stage(dtype, "pretrain", PRETRAIN, "--runs", "other", "--out", "second");
        assertEquals(-1, Files.mismatch(weights("first"), weights("second")));
    }

    private Path weights(String model) {
        return folder.resolve(model).resolve("model.safetensors");
    }

    private void stage(String dtype, String command, String yaml, String... more)
            throws IOException {
        Path config = folder.resolve(command + ".yaml");
        Files.writeString(config, "task: arithmetic\n" + yaml);
        List<String> arguments = new ArrayList<>(List.of(command, "--config", config.toString()));
        arguments.addAll(List.of("--quiet", "--threads", "1"));
        arguments.addAll(List.of("--device", device(), "--dtype", dtype));
        if (!List.of(more).contains("--runs")) {
            arguments.addAll(List.of("--runs", folder.resolve("runs").toString()));
        }
        for (String argument : more) {
            boolean option = argument.startsWith("-");
            arguments.add(option ? argument : folder.resolve(argument).toString());
        }
        Invocation.of(arguments).assertDone();
    }

    private void assertStored(String model, ElementType expected) {
        try (WeightFiles files = WeightFiles.open(folder.resolve(model))) {
            assertTrue(files.names().size() > 5, "weights are there");
            for (String name : files.names()) {
                assertEquals(expected, files.entry(name).dtype(), name);
            }
        }
    }
}
