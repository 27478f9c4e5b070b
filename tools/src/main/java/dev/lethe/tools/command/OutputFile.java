package dev.lethe.tools.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Where a result is to go, looked at before any work is spent on it.
public final class OutputFile {
    private OutputFile() {}

    /// Fails where `file` cannot be written, or is one that the work reads.
    ///
    /// @param inputs files that must stay as they are; those that do not exist are passed over
    /// @throws FailedException where the place cannot be written
    /// @throws RefusedException where the result would replace an input
    public static void require(String option, Path file, List<Path> inputs) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw new FailedException(
                    "%s: expected the name of a file, got the directory %s; name a file in it"
                            .formatted(option, file));
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new FailedException(
                    ("%s: expected a new or a regular file, got %s, a device, pipe or socket; name a"
                                    + " file")
                            .formatted(option, file));
        }
        if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
            throw new FailedException(
                    "%s: %s cannot be written: expected a writable directory %s, got %s; make it"
                            .formatted(
                                    option,
                                    file,
                                    directory,
                                    Files.exists(directory) ? "one that is not" : "none"));
        }
        for (Path input : inputs) {
            if (Files.exists(file) && Files.exists(input) && Files.isSameFile(file, input)) {
                throw new RefusedException(
                        "%s: expected a file of its own, got %s, which is read; name another"
                                .formatted(option, file));
            }
        }
    }
}
