package dev.lethe.tools.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/// A directory of results that exists whole or not at all: written beside its place, then renamed.
public final class OutputDirectory {
    /// What goes into the directory.
    ///
    /// @param <T> what is known of it when it is written
    @FunctionalInterface
    public interface Content<T> {
        T writeTo(Path directory) throws IOException;
    }

    private OutputDirectory() {}

    /// Writes `target`, whose parents are made where they are missing. Whatever fails, nothing
    /// half-written stays behind.
    ///
    /// @param option that named it, for errors
    /// @return what `content` returned
    /// @throws FailedException for a place that holds something already, before any work, or that
    /// cannot be written
    public static <T> T write(String option, Path target, Content<T> content) {
        Path absolute = target.toAbsolutePath().normalize();
        requireFree(option, target, absolute);
        Path partial = absolute.resolveSibling(".lethe-" + UUID.randomUUID() + ".partial");
        try {
            Files.createDirectories(absolute.getParent());
            Files.createDirectory(partial);
            T known = content.writeTo(partial);
            Files.move(partial, absolute, StandardCopyOption.ATOMIC_MOVE);
            return known;
        } catch (IOException e) {
            remove(partial, e);
            String reason = e instanceof FileSystemException system ? system.getReason() : null;
            throw new FailedException(
                    ("%s: %s cannot be written: expected a writable place, got %s; check rights and"
                                    + " free space")
                            .formatted(
                                    option,
                                    target,
                                    reason == null ? e.getClass().getSimpleName() : reason),
                    e);
        } catch (RuntimeException | Error e) {
            remove(partial, e);
            throw e;
        }
    }

    /// Fails for a place that holds something already; for a result that is long in coming.
    ///
    /// @param option that named it, for errors
    public static void requireFree(String option, Path target) {
        requireFree(option, target, target.toAbsolutePath().normalize());
    }

    private static void requireFree(String option, Path target, Path absolute) {
        String got = null;
        if (Files.isDirectory(absolute)) {
            try (Stream<Path> held = Files.list(absolute)) {
                got = held.findAny().isPresent() ? "one that holds files" : null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        } else if (Files.exists(absolute)) {
            got = "a file";
        }
        if (got != null || absolute.getParent() == null) {
            throw new FailedException(
                    "%s: expected a new or empty directory, got %s, %s; name another or delete it"
                            .formatted(option, target, got == null ? "the root" : got));
        }
    }

    private static void remove(Path partial, Throwable because) {
        if (Files.exists(partial)) {
            try (Stream<Path> all = Files.walk(partial)) {
                List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
                for (Path path : deepestFirst) {
                    Files.delete(path);
                }
            } catch (IOException e) {
                because.addSuppressed(e);
            }
        }
    }
}
