package dev.lethe.tools.command;

import java.nio.file.Files;
import java.nio.file.Path;

/// The value of `--checkpoint` and of other options that name a model.
public final class CheckpointDirectory {
    private CheckpointDirectory() {}

    /// @return the path itself
    /// @throws FailedException where it is no directory
    public static Path require(Path checkpoint) {
        return require("--checkpoint", checkpoint);
    }

    /// The same for another option.
    public static Path require(String option, Path checkpoint) {
        if (!Files.isDirectory(checkpoint)) {
            throw new FailedException(
                    ("%s: expected a directory with config.json and model.safetensors,"
                                    + " got %s, which is %s; name the directory")
                            .formatted(
                                    option,
                                    checkpoint,
                                    Files.exists(checkpoint) ? "a file" : "not there"));
        }
        return checkpoint;
    }
}
