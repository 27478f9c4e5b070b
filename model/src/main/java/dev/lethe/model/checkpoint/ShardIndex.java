package dev.lethe.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// The index of a sharded model: `weight_map` says which file holds which weight.
final class ShardIndex {
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private ShardIndex() {}

    /// Weight names to shard files, in the index's order; that the files exist is not checked here.
    ///
    /// @throws CheckpointException for anything but an object with a `weight_map` of strings to
    /// files beside the index
    static Map<String, Path> read(Path index) {
        JsonNode map = parse(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new CheckpointException(
                    ("%s: weight_map: expected an object of weight names to shard files, got %s;"
                                    + " fetch the index again")
                            .formatted(index, map.isMissingNode() ? "none" : map.getNodeType()));
        }
        Map<String, Path> shards = new LinkedHashMap<>();
        map.properties()
                .forEach(
                        pair ->
                                shards.put(
                                        pair.getKey(),
                                        shard(index, pair.getKey(), pair.getValue())));
        return shards;
    }

    private static JsonNode parse(Path index) {
        try {
            return JSON.readTree(Files.readAllBytes(RegularFile.require(index)));
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    "%s: expected valid JSON, got an error (%s); fetch the index again"
                            .formatted(index, e.getOriginalMessage()),
                    e);
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: cannot read: expected a readable index, got %s; check the path"
                            .formatted(index, e.getClass().getSimpleName()),
                    e);
        }
    }

    /// A shard must be a plain file name: an index from elsewhere shall not reach outside its
    /// directory.
    private static Path shard(Path index, String weight, JsonNode value) {
        String name = value.isTextual() ? value.textValue() : "";
        Path shard;
        try {
            shard = Path.of(name);
        } catch (InvalidPathException _) {
            shard = Path.of("");
        }
        if (name.isEmpty()
                || shard.getNameCount() != 1
                || shard.isAbsolute()
                || !name.equals(shard.toString())
                || name.equals(".")
                || name.equals("..")
                || name.contains("\\")) {
            throw new CheckpointException(
                    ("%s: weight `%s`: expected the name of a shard file beside the index, got %s;"
                                    + " correct the index")
                            .formatted(index, weight, value));
        }
        return index.resolveSibling(shard);
    }
}
