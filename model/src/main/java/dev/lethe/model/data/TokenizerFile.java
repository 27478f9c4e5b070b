package dev.lethe.model.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A tokenizer by its name or file.
public final class TokenizerFile {
    /// Names the [ByteTokenizer], which needs no file.
    public static final String BYTES = "bytes";

    private TokenizerFile() {}

    /// @param place `bytes`, a vocabulary that [CharacterTokenizer#save] wrote, or a `tokenizer.json`
    ///     as Hugging Face has it
    /// @throws DataException where there is no such file, or it is no tokenizer
    public static Tokenizer open(String place) {
        if (place.equals(BYTES)) {
            return new ByteTokenizer();
        }
        Path file = Path.of(place);
        JsonNode tree;
        try {
            tree = new JsonMapper().readTree(file.toFile());
        } catch (JsonProcessingException e) {
            throw unusable(file, e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw unusable(file, Files.exists(file) ? "an unreadable file" : "no file", e);
        }
        if (tree.path("type").asText().equals(CharacterTokenizer.TYPE)) {
            return CharacterTokenizer.load(file);
        }
        if (!tree.path("model").isObject()) {
            throw unusable(file, "another object", null);
        }
        try {
            return new SubwordTokenizer(file);
        } catch (NoClassDefFoundError e) { // the offline bundle, which must be small
            throw new DataException(
                    "%s: expected the library that reads it, got a bundle without; use a whole build"
                            .formatted(file),
                    e);
        }
    }

    private static DataException unusable(Path file, String got, Exception cause) {
        return new DataException(
                "%s: expected a tokenizer.json as Hugging Face has it, got %s; fetch the model's own"
                        .formatted(file, got),
                cause);
    }
}
