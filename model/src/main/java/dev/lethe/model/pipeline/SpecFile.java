package dev.lethe.model.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;

import dev.lethe.model.checkpoint.CheckpointException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.TreeMap;

/// Specifications and results as text. JSON with sorted keys is what a stage's name is made of;
/// YAML with sorted keys is what its `config.yaml` shows. Both are the same for equal values every
/// time.
public final class SpecFile {
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .addModule(new Jdk8Module())
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .build();
    private static final ObjectMapper YAML =
            new ObjectMapper(
                    YAMLFactory.builder()
                            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                            .disable(YAMLGenerator.Feature.SPLIT_LINES)
                            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                            .build());

    private SpecFile() {}

    /// Marks what a specification shows and is not named after: places.
    interface Shown {}

    private interface Named {}

    /// One line without spaces, keys sorted at every depth, without what is only [Shown].
    static String canonical(Object value) {
        try {
            byte[] named = JSON.writerWithView(Named.class).writeValueAsBytes(value);
            return sorted(JSON.readTree(named)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // what was just written is always read
        }
    }

    /// A tree of maps, lists and values as another value.
    static <T> T convert(Object tree, Class<T> type) {
        return JSON.convertValue(tree, type);
    }

    /// The same to be read by people.
    static String json(Object value) {
        return sorted(JSON.valueToTree(value)).toPrettyString() + "\n";
    }

    /// The whole specification, its inputs within it.
    public static String yaml(StageSpec spec) {
        try {
            return YAML.writeValueAsString(sorted(JSON.valueToTree(spec)));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e); // a tree of text and numbers is always written
        }
    }

    /// What [#yaml] wrote.
    ///
    /// @throws CheckpointException where the file is no specification
    public static StageSpec read(Path yaml) {
        try {
            return JSON.treeToValue(YAML.readTree(yaml.toFile()), StageSpec.class);
        } catch (IOException | IllegalArgumentException e) {
            throw new CheckpointException(
                    "%s: expected the specification of a stage, got: %s; name a stage's directory"
                            .formatted(yaml, firstLine(e)),
                    e);
        }
    }

    static StageResult readResult(Path json) {
        try {
            return JSON.readValue(json.toFile(), StageResult.class);
        } catch (IOException e) {
            throw new CheckpointException(
                    ("%s: expected a stage's result, got: %s; remove the stage's"
                                    + " directory and run again")
                            .formatted(json, firstLine(e)),
                    e);
        }
    }

    static JsonNode readTree(Path json) throws IOException {
        return JSON.readTree(json.toFile());
    }

    private static String firstLine(Exception e) {
        String message = String.valueOf(e.getMessage());
        return message.lines().findFirst().orElse(e.getClass().getSimpleName());
    }

    private static JsonNode sorted(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> {
                TreeMap<String, JsonNode> fields = new TreeMap<>();
                object.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
                ObjectNode ordered = JsonNodeFactory.instance.objectNode();
                fields.forEach((name, value) -> ordered.set(name, sorted(value)));
                yield ordered;
            }
            case ArrayNode array -> {
                ArrayNode ordered = JsonNodeFactory.instance.arrayNode();
                array.forEach(value -> ordered.add(sorted(value)));
                yield ordered;
            }
            default -> node;
        };
    }
}
