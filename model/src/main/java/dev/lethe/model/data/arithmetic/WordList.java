package dev.lethe.model.data.arithmetic;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Words that word problems are filled with; all things are in the plural.
enum WordList {
    NAMES("names"),
    OBJECTS("objects"),
    CONTAINERS("containers"),
    PLACES("places"),
    GROUPS("groups");

    private final List<String> words;

    WordList(String file) {
        this.words = lines("words/%s.txt".formatted(file));
    }

    List<String> words() {
        return words;
    }

    /// The lines of a resource beside this class.
    static List<String> lines(String resource) {
        try (InputStream in = WordList.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(
                        "arithmetic: expected %s in the JAR, got none; build again"
                                .formatted(resource));
            }
            return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
