package dev.lethe.tools.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// `<runs>/<experiment>/`, written beside and renamed: an earlier run's files stay as they are
/// until this one has succeeded, and other files there are left alone.
///
/// Until then all is in `<experiment>/.unfinished-*`, where a run that is killed leaves its logs.
public final class RunDirectory implements AutoCloseable {
    private final Path place;
    private final Path unfinished;

    private RunDirectory(Path place, Path unfinished) {
        this.place = place;
        this.unfinished = unfinished;
    }

    /// Makes the directory, so that a place that cannot be written is known before any work.
    public static RunDirectory open(Path runs, String experiment) {
        return open(runs.resolve(experiment));
    }

    /// The same for a place that is known.
    public static RunDirectory open(Path place) {
        try {
            Files.createDirectories(place);
            return new RunDirectory(place, Files.createTempDirectory(place, ".unfinished-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where the files will be.
    public Path place() {
        return place;
    }

    /// A directory in the making.
    public Path directory(String... names) {
        Path directory = unfinished;
        for (String name : names) {
            directory = directory.resolve(name);
        }
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A text file in the making.
    public void write(String name, String text) {
        write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /// A file in the making.
    public void write(String name, byte[] bytes) {
        try {
            Files.write(directory().resolve(name), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Moves every file to its place.
    public void publish() {
        try {
            for (Path file : below(unfinished)) {
                Path target = place.resolve(unfinished.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> below(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.sorted().toList();
        }
    }

    /// Removes what was not published.
    @Override
    public void close() {
        try {
            for (Path file :
                    below(unfinished).stream().sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
