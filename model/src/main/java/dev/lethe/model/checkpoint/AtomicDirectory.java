package dev.lethe.model.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Replaces a directory whole: written beside it, then renamed. Whenever the process dies, [#find]
/// has either the old directory or the new one.
///
/// A directory cannot be renamed over a full one, so the old one steps aside to `<name>.previous`
/// for a moment; `<name>.partial` is what is being written and never read. One process writes at a
/// time.
public final class AtomicDirectory {
    /// What goes into the directory.
    @FunctionalInterface
    public interface Content {
        void writeInto(Path directory) throws IOException;
    }

    private AtomicDirectory() {}

    /// Writes `target`, replacing a directory that is there.
    ///
    /// @throws CheckpointException where the place cannot be written; the old directory is then
    ///     still there
    public static void write(Path target, Content content) {
        Path partial = beside(target, ".partial");
        Path previous = beside(target, ".previous");
        try {
            remove(partial);
            Files.createDirectories(partial);
            content.writeInto(partial);
            AtomicFile.forceDirectory(partial);
            if (Files.exists(target)) {
                remove(previous);
                Files.move(target, previous, StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
            AtomicFile.forceDirectory(target.toAbsolutePath().getParent());
            remove(previous);
        } catch (IOException e) {
            abandon(partial, e);
            throw new CheckpointException(
                    ("%s: cannot write: expected a writable place, got %s; "
                                    + "check the directory, its rights and free space")
                            .formatted(target, AtomicFile.reason(e)),
                    e);
        } catch (RuntimeException | Error e) {
            abandon(partial, e);
            throw e;
        }
    }

    private static void abandon(Path partial, Throwable because) {
        try {
            remove(partial);
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }

    /// Where the last directory that was written whole lies; empty where there was none.
    public static Optional<Path> find(Path target) {
        return Stream.of(target, beside(target, ".previous")).filter(Files::exists).findFirst();
    }

    /// Removes the directory and what a dead process left beside it. What is found afterwards, dead
    /// process or not, is the whole directory or nothing.
    public static void delete(Path target) {
        Path partial = beside(target, ".partial");
        try {
            // Of two the older one goes first: it must not come back to light.
            for (Path place : List.of(beside(target, ".previous"), target)) {
                remove(partial);
                if (Files.exists(place)) {
                    Files.move(place, partial, StandardCopyOption.ATOMIC_MOVE);
                }
            }
            remove(partial);
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: cannot delete: expected a writable place, got %s; check its rights"
                            .formatted(target, AtomicFile.reason(e)),
                    e);
        }
    }

    private static Path beside(Path target, String suffix) {
        Path absolute = target.toAbsolutePath();
        if (absolute.getFileName() == null) {
            throw new CheckpointException(
                    target + ": expected a directory that can be replaced, got a root; name one in it");
        }
        return absolute.resolveSibling(absolute.getFileName() + suffix);
    }

    private static void remove(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> inside = Files.walk(directory)) {
            for (Path path : inside.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
