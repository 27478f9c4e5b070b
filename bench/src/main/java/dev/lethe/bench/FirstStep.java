package dev.lethe.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A command that trains, started in a new directory and ended at its first training step, which
/// shows as the first line of a stage's `metrics.jsonl`.
///
/// @param launcher `tools/lethe`
/// @param arguments of a command that keeps its stages in `runs/stages`
record FirstStep(Path launcher, List<String> arguments) {
    private static final long LOOK_EVERY_MILLIS = 2; // hundredths of a second are of interest
    private static final String METRICS = "metrics.jsonl";

    /// From before the process is started to when its first step is found written.
    ///
    /// @throws IllegalStateException where it ends before, with what it said
    double seconds() {
        Path place = null;
        try {
            place = Files.createTempDirectory("lethe-startup-");
            return seconds(place);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a start was timed", e);
        } finally {
            delete(place);
        }
    }

    private double seconds(Path place) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(arguments);
        Path errors = place.resolve("errors");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(place.toFile())
                        .redirectOutput(Redirect.DISCARD)
                        .redirectError(errors.toFile());
        long begin = System.nanoTime();
        Process process = builder.start();
        Thread stop = new Thread(process::destroyForcibly); // an interrupted run leaves none behind
        Runtime.getRuntime().addShutdownHook(stop);
        try {
            while (!hasStepped(place.resolve("runs").resolve("stages"))) {
                if (!process.isAlive()) {
                    throw new IllegalStateException(
                            "%s: expected a training step, got exit code %d: %s"
                                    .formatted(
                                            String.join(" ", command),
                                            process.exitValue(),
                                            Files.readString(errors).strip()));
                }
                Thread.sleep(LOOK_EVERY_MILLIS);
            }
            return (System.nanoTime() - begin) * 1e-9;
        } finally {
            process.destroyForcibly().waitFor();
            Runtime.getRuntime().removeShutdownHook(stop);
        }
    }

    private static boolean hasStepped(Path stages) throws IOException {
        if (!Files.isDirectory(stages)) {
            return false;
        }
        try (Stream<Path> all = Files.list(stages)) {
            for (Path stage : all.toList()) {
                if (isWritten(stage.resolve(METRICS))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isWritten(Path file) throws IOException {
        try {
            return Files.isRegularFile(file) && Files.size(file) > 0;
        } catch (NoSuchFileException e) { // its stage was finished in between
            return false;
        }
    }

    private static void delete(Path place) {
        if (place == null) {
            return;
        }
        try {
            Files.walkFileTree(
                    place,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes facts)
                                throws IOException {
                            Files.delete(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(Path folder, IOException failure)
                                throws IOException {
                            Files.delete(folder);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
