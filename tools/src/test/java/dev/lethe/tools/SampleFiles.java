package dev.lethe.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.model.checkpoint.SafeTensorsWriter;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/// Files that are golden ones with something changed.
final class SampleFiles {
    private static final JsonMapper JSON = new JsonMapper();

    private SampleFiles() {}

    /// A copy of a golden checkpoint.
    static Path checkpoint(GoldenCase golden, Path directory) throws IOException {
        Files.createDirectories(directory);
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(golden.file(name), directory.resolve(name));
        }
        return directory;
    }

    static void editConfig(Path checkpoint, Consumer<ObjectNode> change) throws IOException {
        Path file = checkpoint.resolve("config.json");
        JsonNode root = JSON.readTree(Files.readAllBytes(file));
        change.accept((ObjectNode) root);
        Files.write(file, JSON.writeValueAsBytes(root));
    }

    /// Writes the tensors of a file again, each as the change makes it: none drops it.
    static Path edited(Path source, Path target, Function<Entry, Stream<Entry>> change) {
        try (SafeTensors file = SafeTensors.open(source)) {
            SafeTensorsWriter.write(
                    target, file.names().stream().map(file::entry).flatMap(change).toList());
        }
        return target;
    }

    /// All as it was, but for the tensor of that name.
    static Function<Entry, Stream<Entry>> only(String name, Function<Entry, Stream<Entry>> change) {
        return entry -> entry.name().equals(name) ? change.apply(entry) : Stream.of(entry);
    }

    static Entry integers(String name, List<Long> shape, int... values) {
        return new Entry(name, ElementType.I32, shape, MemorySegment.ofArray(values));
    }

    static Entry floats(String name, List<Long> shape, float... values) {
        return new Entry(name, ElementType.F32, shape, MemorySegment.ofArray(values));
    }
}
