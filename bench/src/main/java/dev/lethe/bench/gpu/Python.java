package dev.lethe.bench.gpu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `LETHE_PYTHON`, or `python3`, and the scripts that it runs.
final class Python {
    private static final Duration PATIENCE = Duration.ofSeconds(90); // the first import of torch

    private Python() {}

    private static String executable() {
        String named = System.getenv("LETHE_PYTHON");
        return named == null || named.isBlank() ? "python3" : named;
    }

    /// Why a statement fails there; empty where it does not.
    static Optional<String> refuses(Setting setting, String statement) {
        try {
            Child child =
                    Child.run(
                            new ProcessBuilder(executable(), "-c", statement),
                            setting.folder().resolve("python.log"),
                            PATIENCE);
            return child.isDone() ? Optional.empty() : Optional.of(child.ending());
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    /// Runs a script of the package `dev.lethe.bench.peers`.
    static Child run(Setting setting, String script, String log, Duration limit, String... rest)
            throws IOException, InterruptedException {
        Path file = setting.folder().resolve(script);
        try (InputStream resource =
                Python.class.getResourceAsStream("/dev/lethe/bench/peers/" + script)) {
            Files.copy(resource, file, StandardCopyOption.REPLACE_EXISTING);
        }
        List<String> command = new ArrayList<>(List.of(executable(), file.toString()));
        command.addAll(List.of(rest));
        return Child.run(
                new ProcessBuilder(command), setting.folder().resolve(log), setting.atMost(limit));
    }
}
