package dev.lethe.tools.configuration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.lethe.tools.command.Nearest;
import dev.lethe.tools.command.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// A YAML file with the changes of the command line.
///
/// @param source named in errors
/// @param tree all its keys, resolved
public record Configuration(String source, ObjectNode tree) {
    private static final ObjectMapper YAML =
            new ObjectMapper(
                    YAMLFactory.builder()
                            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                            .disable(YAMLGenerator.Feature.SPLIT_LINES)
                            .build());

    /// @throws RefusedException where the text is no YAML of keys and values
    public static Configuration parse(String source, String text) {
        try {
            if (YAML.readTree(text) instanceof ObjectNode tree) {
                return new Configuration(source, tree);
            }
            throw new RefusedException(
                    "%s: expected keys and values, got none; see the presets".formatted(source));
        } catch (JsonProcessingException e) {
            String first = e.getOriginalMessage().lines().findFirst().orElse("");
            String place = e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
            throw new RefusedException(
                    "%s: expected YAML, got: %s%s; correct it".formatted(source, first, place), e);
        }
    }

    /// The same of a file.
    public static Configuration read(Path file) {
        return parse(file.toString(), text(file));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new RefusedException(
                    "%s: expected UTF-8 text, got other bytes; correct it".formatted(file), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The tree as records, strictly: see [RecordBinder].
    public <T extends Record> T bind(Class<T> type) {
        return new RecordBinder(source).bind(tree, type);
    }

    /// The resolved configuration.
    public String yaml() {
        try {
            return YAML.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e); // a tree that was read is always written
        }
    }

    /// Makes each change `a.b=c`.
    ///
    /// @return this
    public Configuration with(List<String> settings) {
        settings.forEach(this::set);
        return this;
    }

    /// Changes one value, which must be there.
    private void set(String setting) {
        int equals = setting.indexOf('=');
        if (equals < 1) {
            throw new RefusedException(
                    "--set: expected a.b=c, got %s; name a key and a value".formatted(setting));
        }
        List<String> keys = List.of(setting.substring(0, equals).split("\\.", -1));
        JsonNode parent = tree;
        for (String key : keys.subList(0, keys.size() - 1)) {
            parent = child(parent, key);
        }
        child(parent, keys.getLast());
        JsonNode value = scalarOrList(setting.substring(equals + 1));
        switch (parent) {
            case ObjectNode object -> object.set(keys.getLast(), value);
            case ArrayNode array -> array.set(Integer.parseInt(keys.getLast()), value);
            default -> throw new IllegalStateException(setting); // a child had this parent
        }
    }

    private static JsonNode scalarOrList(String text) {
        try {
            JsonNode value = YAML.readTree(text);
            return value.isMissingNode() ? NullNode.getInstance() : value;
        } catch (JsonProcessingException e) {
            throw new RefusedException(
                    "--set: expected a value of YAML, got %s; put it in quotes".formatted(text), e);
        }
    }

    private static JsonNode child(JsonNode parent, String key) {
        JsonNode child =
                parent.isArray()
                        ? key.matches("\\d{1,9}") ? parent.get(Integer.parseInt(key)) : null
                        : parent.get(key);
        if (child != null) {
            return child;
        }
        List<String> known = new ArrayList<>();
        parent.fieldNames().forEachRemaining(known::add);
        if (parent.isArray()) {
            IntStream.range(0, parent.size()).mapToObj(Integer::toString).forEach(known::add);
        }
        throw new RefusedException(
                "--set: unknown key %s%s; expected %s"
                        .formatted(
                                key,
                                Nearest.suggestion(key, known),
                                known.isEmpty() ? "a value there" : String.join(", ", known)));
    }
}
