package dev.lethe.tools.gradients;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.objective.Positions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.command.WordConverter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Which loss, and its settings.
final class LossOptions {
    @Option(
            names = "--loss",
            paramLabel = "ce|kl|maxent|graddiff|rmu",
            converter = LossConverter.class,
            description = "The loss to differentiate, unless --objective-class names one of yours.")
    private Loss loss;

    @Mixin private CustomLoss custom;

    @Option(
            names = "--teacher",
            paramLabel = "DIR-or-FILE",
            description = {
                "kl: the teacher's checkpoint, or its weights alone.",
                "--objective-class: the fixed model (default: a copy of the checkpoint)."
            })
    Path teacher;

    @Option(
            names = "--frozen",
            paramLabel = "FILE",
            description = "rmu: safetensors with rmu.frozen.PARAMETER for the frozen copy.")
    Path frozen;

    @Option(
            names = "--alpha",
            paramLabel = "A",
            defaultValue = "1",
            description = "Weight of the retain term (default: ${DEFAULT-VALUE}).")
    double alpha;

    @Option(
            names = "--c",
            paramLabel = "C",
            defaultValue = "6.5",
            description = "rmu: length of the goal (default: ${DEFAULT-VALUE}).")
    double c;

    @Option(
            names = "--layer",
            paramLabel = "K",
            description = "rmu: 0-based layer whose raw output is compared.")
    Integer layer;

    @Option(
            names = "--positions",
            paramLabel = "targets|all",
            defaultValue = "targets",
            converter = PositionsConverter.class,
            description = "kl, maxent: what the KL is averaged over (default: ${DEFAULT-VALUE}).")
    Positions positions;

    static final class LossConverter extends WordConverter<Loss> {
        LossConverter() {
            super(Loss.class);
        }
    }

    static final class PositionsConverter extends WordConverter<Positions> {
        PositionsConverter() {
            super(Positions.class);
        }
    }

    /// @throws RefusedException unless there is one loss with what it must have
    void check() {
        if ((loss == null) == custom.isNone()) {
            throw new RefusedException(
                    "--loss: expected %s, or --objective-class CLASS with --objective-jar FILE, got %s; give one"
                            .formatted(
                                    WordConverter.words(Loss.class),
                                    loss == null ? "neither" : "both"));
        }
        custom.check();
        if (loss == Loss.KL && teacher == null) {
            throw new RefusedException(
                    "--loss kl: expected --teacher DIR-or-FILE, got none; add it");
        }
        if (loss == Loss.RMU && layer == null) {
            throw new RefusedException(
                    "--loss rmu: expected --layer K (0-based), got none; add it");
        }
        finite("--alpha", alpha);
        finite("--c", c);
    }

    /// @param layers of the checkpoint
    void checkLayer(int layers) {
        if (loss == Loss.RMU && (layer < 0 || layer >= layers)) {
            throw new RefusedException(
                    "--layer: expected 0 to %d, the layers of the checkpoint, got %d; correct it"
                            .formatted(layers - 1, layer));
        }
    }

    private static void finite(String option, double value) {
        if (!Double.isFinite(value)) {
            throw new RefusedException(
                    "%s: expected a finite number, got %s; correct it".formatted(option, value));
        }
    }

    /// Which built-in loss, unless it is a class.
    Optional<Loss> loss() {
        return Optional.ofNullable(loss);
    }

    CustomLoss custom() {
        return custom;
    }

    /// As on the command line.
    String word() {
        return loss == null
                ? "--objective-class " + custom.className()
                : "--loss " + WordConverter.word(loss);
    }

    /// The batches of a file that the loss reads: for a class, all that are there.
    StepBatch read(BatchFile file, Gemma2Config config) {
        return file.read(loss == null ? file.roles() : loss.roles(), config);
    }

    /// Warns of options on the command line that the loss does not look at.
    void warnOfUnused(Predicate<String> isGiven, Console console) {
        List<String> used = loss == null ? List.of("--teacher") : loss.options();
        Stream.of("--teacher", "--frozen", "--alpha", "--c", "--layer", "--positions")
                .filter(isGiven)
                .filter(option -> !used.contains(option))
                .forEach(
                        option ->
                                console.warn(
                                        "%s means nothing to %s; leave it out", option, word()));
    }
}
