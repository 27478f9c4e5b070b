package dev.lethe.tools.command;

import java.nio.file.Files;
import java.nio.file.Path;

/// The value of `--checkpoint`.
public final class CheckpointDirectory {
    private CheckpointDirectory() {}

    /// @return the path itself
    /// @throws FailedException where it is no directory
    public static Path require(Path checkpoint) {
        if (!Files.isDirectory(checkpoint)) {
            throw new FailedException(
                    ("--checkpoint: expected a directory with config.json and model.safetensors,"
                                    + " got %s, which is %s; name the directory")
                            .formatted(
                                    checkpoint, Files.exists(checkpoint) ? "a file" : "not there"));
        }
        return checkpoint;
    }
}
