package dev.lethe.tools.generate;

import dev.lethe.engine.backend.Backend;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.data.Tokenizer;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2ConfigJson;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.generate.Generator;
import dev.lethe.model.generate.Sampling;
import dev.lethe.tools.command.CheckpointDirectory;
import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.FailedException;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.command.WordConverter;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.stream.IntStream;

/// Continues a prompt; the new text alone goes to standard output.
@Command(name = "generate", description = "Continues a prompt.")
public final class GenerateCommand extends LetheCommand {
    @Option(
            names = "--checkpoint",
            required = true,
            paramLabel = "DIR",
            description = "The model: config.json and model.safetensors.")
    private Path checkpoint;

    @Option(
            names = "--prompt",
            required = true,
            paramLabel = "TEXT",
            description = "Its beginning.")
    private String prompt;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "The most to add (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0",
            description = "0 takes the likeliest token, which is the default; more draws.")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "Draws among the K likeliest tokens (default: all).")
    private int topK;

    /// What `--json` prints.
    ///
    /// @param text the new text alone
    /// @param tokens how many were added
    /// @param ended `eos` or `length`
    record Report(
            String prompt, String text, int tokens, String ended, String device, String dtype) {}

    @Override
    protected void run(CommonOptions options, Console console) {
        Sampling sampling = sampling(options.seed());
        if (isGiven("--top-k") && temperature == 0) {
            console.warn(
                    "--top-k means nothing at temperature 0; leave it out or add --temperature");
        }
        Gemma2Config config = Gemma2ConfigJson.read(CheckpointDirectory.require(checkpoint));
        Tokenizer tokenizer = tokenizer(config);
        Precision precision = options.precision(Precision.F32);
        int[] ids =
                IntStream.concat(
                                IntStream.of(config.bosId()),
                                IntStream.of(tokenizer.encode(prompt)))
                        .toArray();
        try (Backend backend = options.openBackend();
                Gemma2 model =
                        Gemma2Checkpoint.load(
                                checkpoint, config, backend, precision.weights())) {
            Generator.Continuation found = new Generator(model, sampling).generate(ids, maxTokens);
            String text = tokenizer.decode(found.ids());
            console.line("%s", text);
            console.json(
                    new Report(
                            prompt,
                            text,
                            found.ids().length,
                            WordConverter.word(found.ended()),
                            backend.name(),
                            precision.word()));
        }
    }

    private Sampling sampling(long seed) {
        if (maxTokens < 0) {
            throw new RefusedException(
                    "--max-tokens: expected 0 or more, got %d; correct it".formatted(maxTokens));
        }
        try {
            return new Sampling(temperature, topK, seed);
        } catch (IllegalArgumentException e) {
            throw new RefusedException("--" + e.getMessage(), e);
        }
    }

    private Tokenizer tokenizer(Gemma2Config config) {
        Tokenizer bytes = new ByteTokenizer();
        if (config.vocabSize() != bytes.vocabulary()) {
            throw new FailedException(
                    ("%s: expected a byte vocabulary of %d, got %d, for which this version has no"
                                    + " tokenizer; use a checkpoint trained by lethe")
                            .formatted(checkpoint, bytes.vocabulary(), config.vocabSize()));
        }
        return bytes;
    }
}
