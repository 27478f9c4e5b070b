package dev.lethe.model.data.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.model.data.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Documents from JSON lines: one object `{"text": ...}` a line in UTF-8, other fields ignored.
///
/// Lines are read one at a time, so a file may be of any length. Blank lines hold no document and
/// are passed over; anything else that is not such an object is an error with file and line number.
public final class JsonlText {
    private static final String TEXT = "text";

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .build())
                                    // Two texts in one object: which is meant?
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final String name;
    private final Consumer<String> documents;
    private long count;

    private JsonlText(String name, Consumer<String> documents) {
        this.name = name;
        this.documents = documents;
    }

    /// Hands every document of a file to `documents`, in order.
    ///
    /// @return how many there were, at least 1
    /// @throws DataException for a file that cannot be read, a malformed line, or no document
    public static long read(Path file, Consumer<String> documents) {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString(), documents);
        } catch (IOException e) {
            String reason =
                    switch (e) {
                        case NoSuchFileException _ -> "no such file";
                        case AccessDeniedException _ -> "no right to read it";
                        default -> e.getMessage();
                    };
            throw new DataException(
                    "%s: expected a readable file of JSON lines, got: %s; check path and rights"
                            .formatted(file, reason),
                    e);
        }
    }

    /// As [#read(Path, Consumer)], from a stream that the caller closes.
    ///
    /// @param name of the source, for errors
    public static long read(InputStream in, String name, Consumer<String> documents)
            throws IOException {
        JsonlText reader = new JsonlText(name, documents);
        long lines = new Utf8Lines(in, name).forEach(reader::document);
        if (reader.count == 0) {
            throw new DataException(
                    ("%s: expected at least one line {\"text\": ...}, got none in %d lines;"
                                    + " give a file with text")
                            .formatted(name, lines));
        }
        return reader.count;
    }

    /// All documents of a file that fits into memory.
    public static List<String> readAll(Path file) {
        List<String> all = new ArrayList<>();
        read(file, all::add);
        return all;
    }

    private void document(long number, String line) {
        if (line.isBlank()) {
            return;
        }
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw malformed(number, "got " + e.getOriginalMessage(), "mend the line", e);
        }
        JsonNode text = node.get(TEXT);
        if (!node.isObject()) {
            throw malformed(number, "got " + kind(node), "one object a line", null);
        }
        if (text == null) {
            throw malformed(number, "got an object without \"text\"", "name the field so", null);
        }
        if (!text.isTextual()) {
            throw malformed(
                    number, "got %s as \"text\"".formatted(kind(text)), "write a string", null);
        }
        requireUnicode(number, text.textValue());
        documents.accept(text.textValue());
        count++;
    }

    /// Half a surrogate pair has no UTF-8; encoding it would put a question mark in its place.
    private void requireUnicode(long number, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                boolean pair =
                        i + 1 < text.length()
                                && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
                if (!pair) {
                    throw malformed(
                            number,
                            "got half a surrogate pair (\\u%04x) at character %d"
                                    .formatted((int) text.charAt(i), i),
                            "write the whole character",
                            null);
                }
                i++;
            }
        }
    }

    private DataException malformed(long number, String got, String remedy, Exception cause) {
        return new DataException(
                "%s: line %d: expected {\"text\": \"...\"}, %s; %s"
                        .formatted(name, number, got, remedy),
                cause);
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "an array";
            case STRING -> "a string";
            case NUMBER -> "a number";
            case BOOLEAN -> "a boolean";
            case NULL -> "null";
            default -> "nothing";
        };
    }
}
