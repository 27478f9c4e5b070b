package dev.lethe.tools.experiment;

import dev.lethe.tools.command.Nearest;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.configuration.Configuration;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Where experiments and stages have their numbers from.
final class ExperimentFile {
    /// Experiments that come with the command, each a resource `<name>.yaml`.
    static final List<String> PRESETS =
            List.of(
                    "arithmetic-miniature",
                    "language-miniature",
                    "arithmetic-paper",
                    "language-paper");

    private ExperimentFile() {}

    /// @param experiment name of a preset, or a file
    /// @param settings each `a.b=c`
    /// @throws RefusedException where there is no such experiment, or it is no YAML
    static Configuration read(String experiment, List<String> settings) {
        Configuration file =
                PRESETS.contains(experiment)
                        ? Configuration.parse(experiment, preset(experiment))
                        : Configuration.read(file(experiment));
        return file.with(settings);
    }

    /// The file of one stage.
    static Configuration readStage(Path config, List<String> settings) {
        if (!Files.isRegularFile(config)) {
            throw new RefusedException(
                    "--config: expected a YAML file, got %s, which is %s; name one"
                            .formatted(
                                    config, Files.exists(config) ? "no file" : "not there"));
        }
        return Configuration.read(config).with(settings);
    }

    private static String preset(String name) {
        try (InputStream in = ExperimentFile.class.getResourceAsStream(name + ".yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file(String experiment) {
        Path file = Path.of(experiment);
        if (!Files.isRegularFile(file)) {
            throw new RefusedException(
                    "experiment: expected %s or a YAML file, got %s%s; name one"
                            .formatted(
                                    String.join(", ", PRESETS),
                                    experiment,
                                    Nearest.suggestion(experiment, PRESETS)));
        }
        return file;
    }
}
