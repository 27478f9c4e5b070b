package dev.lethe.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.lethe.model.checkpoint.SafeTensors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A folder of golden data, which are the model module's test resources.
enum GoldenCase {
    A_tiny,
    B_wide;

    private static final Path ROOT =
            Path.of("")
                    .toAbsolutePath()
                    .resolveSibling("model")
                    .resolve("src/test/resources/golden");

    Path folder() {
        return ROOT.resolve(name());
    }

    Path file(String name) {
        return folder().resolve(name);
    }

    JsonNode expected() {
        return json("expected.json");
    }

    int hiddenSize() {
        return json("config.json").path("hidden_size").intValue();
    }

    private JsonNode json(String name) {
        try {
            return new JsonMapper().readTree(Files.readAllBytes(file(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SafeTensors tensors(String name) {
        return SafeTensors.open(file(name));
    }
}
