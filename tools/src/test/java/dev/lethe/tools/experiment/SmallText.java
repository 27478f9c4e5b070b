package dev.lethe.tools.experiment;

import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.data.text.Packer;
import dev.lethe.model.data.text.TokenShard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Token shards of a little text in bytes, and what to set in a preset of the paper's size so that it
/// runs on them in seconds.
public final class SmallText {
    private static final String TRAINING =
            "rows: 4, microBatches: 2, schedule: constant, rate: 1e-3, lastRate: 1e-3, warmUp: 0,"
                    + " weightDecay: 0}";

    private SmallText() {}

    /// Two shards of numbered sentences.
    public static Path shards(Path directory, String sentence, int length) throws IOException {
        Files.createDirectories(directory);
        for (int shard = 0; shard < 2; shard++) {
            int first = 100 * shard;
            List<String> texts =
                    IntStream.range(first, first + 100)
                            .mapToObj(i -> sentence.formatted(i, i + 1))
                            .toList();
            TokenShard.write(
                    directory.resolve("tokens-%05d.safetensors".formatted(shard)),
                    Packer.pack(texts, new ByteTokenizer(), length, false).windows());
        }
        return directory;
    }

    /// Settings of a preset: its text, a tiny model and few steps.
    ///
    /// @param preset `arithmetic-paper` or `language-paper`
    public static List<String> settings(Path directory, String preset) throws IOException {
        boolean language = preset.startsWith("language");
        int length = 24;
        List<String> settings = new ArrayList<>();
        Path english = shards(directory.resolve("english"), "After %d comes %d.", length);
        settings.add("data.english=" + english);
        if (language) {
            Path korean = shards(directory.resolve("korean"), "%d 다음은 %d.", length);
            settings.add("data.korean=" + korean);
        } else {
            settings.add("data.problems=400");
            settings.add("mixtures.mixed={add: 0.125, sub: 0.125, mul: 0.125, div: 0.125, english: 0.5}");
        }
        settings.addAll(
                List.of(
                        "data.tokenizer=bytes",
                        "data.length=" + length,
                        "data.heldOut=6",
                        "model={layers: 2, hiddenSize: 16, intermediateSize: 32, heads: 2,"
                                + " kvHeads: 1, headDim: 8, maxPositions: 256, vocabulary: 260,"
                                + " slidingWindow: 8, queryPreAttnScalar: 16, eosIds: [1, 2]}",
                        "pretraining={steps: 4, " + TRAINING,
                        "unlearning.rmu.layer=1",
                        "unlearning.rmu.trainedLayers=[0, 1]",
                        "unlearning.graddiff.training={steps: 2, " + TRAINING,
                        "unlearning.maxent.training={steps: 2, " + TRAINING,
                        "unlearning.rmu.training={steps: 2, " + TRAINING,
                        "guards.sam.training={steps: 2, " + TRAINING,
                        "guards.repnoise.training={steps: 2, "
                                + TRAINING.replace("microBatches: 2", "microBatches: 1"),
                        "matching={checkEvery: 2, training: {steps: 3, " + TRAINING + "}",
                        "distillation={steps: 3, " + TRAINING,
                        "undo={alphas: [0.3, 0.7], beta: 0.1, margin: 0.05, checkEvery: 2,"
                                + " training: {steps: 3, "
                                + TRAINING
                                + "}",
                        "attack={rates: [1e-3, 1e-4], rows: 4, microBatches: 1, lookAt: [0, 1, 3]}",
                        "halfAttack={rates: [1e-4], rows: 4, microBatches: 1, lookAt: [0, 3]}",
                        "thresholds.horizon=3"));
        if (language) {
            settings.add("filtering={steps: 2, " + TRAINING);
        }
        return settings;
    }

    /// The same as options of the command.
    public static List<String> options(Path directory, String preset) throws IOException {
        List<String> options = new ArrayList<>();
        for (String setting : settings(directory, preset)) {
            options.add("--set");
            options.add(setting);
        }
        return options;
    }
}
