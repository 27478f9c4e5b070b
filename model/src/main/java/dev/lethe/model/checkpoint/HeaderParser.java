package dev.lethe.model.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads a header's JSON token by token, so that a repeated key or a foreign value is seen and
/// named.
final class HeaderParser {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Set<String> TENSOR_KEYS = Set.of("dtype", "shape", "data_offsets");

    private final JsonParser json;

    private HeaderParser(JsonParser json) {
        this.json = json;
    }

    /// Parses and checks a header.
    ///
    /// @param dataBytes how many bytes follow the header
    /// @throws CheckpointException that says what is wrong, without the file's name
    static Header parse(String text, long dataBytes) {
        if (!text.startsWith("{")) {
            throw new CheckpointException(
                    ("header: expected a JSON object that starts with `{`, got %s; "
                                    + "is this a safetensors file?")
                            .formatted(
                                    text.isEmpty() ? "nothing" : "`" + text.substring(0, 1) + "`"));
        }
        try (JsonParser json = JSON.createParser(text)) {
            return new HeaderParser(json).header(dataBytes);
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    ("header: expected valid JSON, got an error at character %d (%s); "
                                    + "write the file again")
                            .formatted(e.getLocation().getCharOffset(), e.getOriginalMessage()),
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a string cannot fail to be read
        }
    }

    private Header header(long dataBytes) throws IOException {
        Map<String, String> metadata = Map.of();
        List<Header.Slot> slots = new ArrayList<>();
        Set<String> seen = new LinkedHashSet<>();
        json.nextToken();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = key(seen, "header");
            if (name.equals(Header.METADATA)) {
                metadata = metadata();
            } else {
                slots.add(slot(name));
            }
        }
        if (json.nextToken() != null) {
            throw new CheckpointException(
                    ("header: expected only spaces after the JSON object, got %s; "
                                    + "write the file again")
                            .formatted(found()));
        }
        return Header.tiling(metadata, slots, dataBytes);
    }

    private Map<String, String> metadata() throws IOException {
        expect(JsonToken.START_OBJECT, Header.METADATA, "an object of strings");
        Map<String, String> metadata = new LinkedHashMap<>();
        Set<String> seen = new LinkedHashSet<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = key(seen, Header.METADATA);
            expect(
                    JsonToken.VALUE_STRING,
                    "%s key `%s`".formatted(Header.METADATA, name),
                    "a string");
            metadata.put(name, json.getText());
        }
        return metadata;
    }

    private Header.Slot slot(String name) throws IOException {
        String tensor = "tensor `%s`".formatted(name);
        expect(JsonToken.START_OBJECT, tensor, "an object");
        ElementType dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        Set<String> seen = new LinkedHashSet<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            switch (key(seen, tensor)) {
                case "dtype" -> dtype = dtype(tensor);
                case "shape" -> shape = integers(tensor + ": shape");
                case "data_offsets" -> offsets = integers(tensor + ": data_offsets");
                default ->
                        throw new CheckpointException(
                                ("%s: unknown key `%s`; expected dtype, shape, data_offsets; "
                                                + "write the file again")
                                        .formatted(tensor, json.currentName()));
            }
        }
        if (!seen.containsAll(TENSOR_KEYS)) {
            throw new CheckpointException(
                    "%s: expected dtype, shape, data_offsets, got %s; write the file again"
                            .formatted(tensor, seen));
        }
        if (offsets.size() != 2) {
            throw new CheckpointException(
                    "%s: data_offsets: expected [begin, end], got %s; write the file again"
                            .formatted(tensor, offsets));
        }
        return new Header.Slot(name, dtype, shape, offsets.get(0), offsets.get(1));
    }

    private ElementType dtype(String tensor) throws IOException {
        expect(JsonToken.VALUE_STRING, tensor + ": dtype", "a string");
        String text = json.getText();
        return Arrays.stream(ElementType.values())
                .filter(type -> type.name().equals(text))
                .findFirst()
                .orElseThrow(
                        () ->
                                new CheckpointException(
                                        ("%s: unknown dtype `%s`; expected one of %s; "
                                                        + "convert the tensor")
                                                .formatted(
                                                        tensor,
                                                        text,
                                                        Arrays.toString(ElementType.values()))));
    }

    private List<Long> integers(String what) throws IOException {
        expect(JsonToken.START_ARRAY, what, "an array of integers");
        List<Long> values = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                throw new CheckpointException(
                        "%s: expected integers of 64 bits, got %s; write the file again"
                                .formatted(what, found()));
            }
            values.add(json.getLongValue());
        }
        return values;
    }

    /// The key at hand, which must be new to `seen`; moves on to its value.
    private String key(Set<String> seen, String where) throws IOException {
        String name = json.currentName();
        if (!seen.add(name)) {
            throw new CheckpointException(
                    "%s: duplicate key `%s`; expected each key once; write the file again"
                            .formatted(where, name));
        }
        json.nextToken();
        return name;
    }

    private void expect(JsonToken token, String what, String expected) throws IOException {
        if (json.currentToken() != token) {
            throw new CheckpointException(
                    "%s: expected %s, got %s; write the file again"
                            .formatted(what, expected, found()));
        }
    }

    private String found() throws IOException {
        return switch (json.currentToken()) {
            case null -> "the end";
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "the string `%.40s`".formatted(json.getText());
            default -> json.getText();
        };
    }
}
