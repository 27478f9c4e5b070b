package dev.lethe.tools.experiment;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A study of every model and attack at toy size.
public final class Toy {
    private Toy() {}

    /// Its file in a directory.
    public static Path write(Path directory) throws IOException {
        Path file = directory.resolve("toy.yaml");
        try (InputStream in = Toy.class.getResourceAsStream("toy.yaml")) {
            Files.copy(in, file);
        }
        return file;
    }

    static Graph graph(Path directory, long seed) throws IOException {
        return new Graph(
                ExperimentFile.read(write(directory).toString(), List.of()).bind(Experiment.class), seed);
    }
}
