package dev.lethe.tools.command;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The value of `--checkpoint` and of other options that name a model.
public final class CheckpointDirectory {
    private static final String FILES = "{config.json,model*.safetensors,model*.index.json}";

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

    /// The files of a checkpoint that is a directory, shards included; of any other place itself.
    public static List<Path> files(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            return List.of(place);
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(place, FILES)) {
            found.forEach(files::add);
        }
        return files;
    }
}
