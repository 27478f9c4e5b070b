package dev.lethe.model.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;

/// A file that can be opened without waiting: a pipe would hang until somebody writes into it.
public final class RegularFile {
    private RegularFile() {}

    /// @return the path itself; one that is not there is for whoever opens it to tell
    /// @throws CheckpointException where something else than a regular file is there
    public static Path require(Path path) {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new CheckpointException(
                    "%s: cannot read: expected a regular file, got %s; check the path"
                            .formatted(
                                    path,
                                    Files.isDirectory(path) ? "a directory" : "a pipe or device"));
        }
        return path;
    }
}
