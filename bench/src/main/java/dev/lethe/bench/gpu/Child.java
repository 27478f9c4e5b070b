package dev.lethe.bench.gpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A process whose output goes to a file, with a time limit.
///
/// @param status its exit code; -1 where it was ended for its time
record Child(int status, Path log) {
    static final int OUT_OF_TIME = -1;

    /// A JVM with the flags of this one's work.
    ///
    /// @param classPath of its classes
    static List<String> java(String classPath, String main, String... arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-modules=jdk.incubator.vector",
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:+UseSerialGC",
                                "-Djava.awt.headless=true"));
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith("lethe.") || name.equals("jmh.ignoreLock")) {
                command.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(List.of(arguments));
        return command;
    }

    /// Runs to the end, or ends it and its children when the time is over.
    static Child run(ProcessBuilder builder, Path log, Duration limit)
            throws IOException, InterruptedException {
        Process process =
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        process.getOutputStream().close();
        try {
            if (process.waitFor(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS)) {
                return new Child(process.exitValue(), log);
            }
            return new Child(OUT_OF_TIME, log);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }

    boolean isDone() {
        return status == 0;
    }

    List<String> lines() throws IOException {
        return new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
    }

    /// The last line that is not blank; of a failed process most often the reason.
    String lastLine() throws IOException {
        return lines().stream().filter(line -> !line.isBlank()).reduce("", (_, line) -> line);
    }

    /// How it ended, for people.
    String ending() throws IOException {
        return switch (status) {
            case OUT_OF_TIME -> "was ended for its time; see " + log;
            case 0 -> "ended well";
            default ->
                    "ended with status %d: %s (see %s)".formatted(status, lastLine(), log);
        };
    }

    /// An executable of that name on the path, or at one of the places.
    static Optional<Path> find(String name, String... places) {
        List<Path> candidates = new ArrayList<>();
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (!folder.isBlank()) {
                candidates.add(Path.of(folder, name));
            }
        }
        for (String place : places) {
            candidates.add(Path.of(place));
        }
        return candidates.stream().filter(Files::isExecutable).findFirst();
    }
}
