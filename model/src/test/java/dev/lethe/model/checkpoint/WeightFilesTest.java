package dev.lethe.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// One view over one file or many shards, and the ways in which an index can be wrong.
class WeightFilesTest {
    private static final String SHARD_1 = "model-00001-of-00002.safetensors";
    private static final String SHARD_2 = "model-00002-of-00002.safetensors";

    @TempDir private Path directory;

    @BeforeEach
    void writeShards() throws IOException {
        RawFiles.zeros(directory.resolve(SHARD_1), "a", 3);
        RawFiles.zeros(directory.resolve(SHARD_2), "b", 5);
    }

    private Path index(String json) throws IOException {
        return Files.writeString(directory.resolve(WeightFiles.INDEX), json);
    }

    private Path map(String a, String b) throws IOException {
        return index(
                "{\"metadata\":{\"total_size\":32},\"weight_map\":{\"b\":\"%s\",\"a\":\"%s\"}}"
                        .formatted(b, a));
    }

    @Test
    void seesAllShardsAsOne() throws IOException {
        Path index = map(SHARD_1, SHARD_2);
        for (Path place : List.of(directory, index)) {
            try (WeightFiles weights = WeightFiles.open(place)) {
                assertEquals(List.of("b", "a"), weights.names());
                assertEquals(3, weights.toFloats("a").length);
                assertEquals(5, weights.toDoubles("b").length);
                assertTrue(weights.contains("a"));
                assertFalse(weights.contains("c"));
                assertEquals(index, weights.path());
                String message =
                        assertThrows(CheckpointException.class, () -> weights.entry("c"))
                                .getMessage();
                assertTrue(message.contains("expected a weight `c`, got 2 others"), message);
            }
        }
    }

    @Test
    void opensASingleFileAndPrefersIt() throws IOException {
        index("broken");
        Path file = RawFiles.zeros(directory.resolve(WeightFiles.SINGLE), "single", 2);
        for (Path place : List.of(directory, file)) {
            try (WeightFiles weights = WeightFiles.open(place)) {
                assertEquals(List.of("single"), weights.names());
                assertEquals(2, weights.entry("single", List.of(2L)).elements());
            }
        }
    }

    @Test
    void refusesADirectoryWithoutWeights() {
        assertRefused(directory, directory, WeightFiles.SINGLE, WeightFiles.INDEX, "got neither");
    }

    @Test
    void refusesAMissingIndex() {
        Path none = directory.resolve("none.index.json");
        assertRefused(none, none, "cannot read", "NoSuchFileException");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../elsewhere.safetensors",
                "/etc/elsewhere.safetensors",
                "sub/../../elsewhere.safetensors",
                "sub/shard.safetensors",
                "..",
                ".",
                "",
                "a\\\\b",
                "a\\u0000b",
                "shard/"
            })
    void refusesAShardNameThatLeavesTheDirectory(String name) throws IOException {
        Path index = map(SHARD_1, name);
        assertRefused(
                directory, index, "weight `b`", "shard file beside the index", "correct the index");
    }

    @Test
    void refusesAShardNameThatIsNoString() throws IOException {
        Path index = index("{\"weight_map\":{\"a\":7}}");
        assertRefused(directory, index, "weight `a`", "name of a shard file", "got 7");
    }

    @Test
    void refusesAMissingShard() throws IOException {
        Path index = map(SHARD_1, "model-00003-of-00003.safetensors");
        assertRefused(directory, index, "shard model-00003-of-00003.safetensors", "no such file");
    }

    @Test
    void refusesAWeightAbsentFromItsShard() throws IOException {
        Path index = map(SHARD_2, SHARD_2);
        assertRefused(directory, index, "weight `a`", "expected in shard " + SHARD_2);
    }

    @Test
    void refusesAMalformedShard() throws IOException {
        map(SHARD_1, SHARD_2);
        Files.writeString(directory.resolve(SHARD_2), "short");
        assertRefused(directory, directory.resolve(SHARD_2), "at least the 8 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "7", "{}", "{\"weight_map\":[]}", "{\"weight_map\":{}}"})
    void refusesAnIndexWithoutAMap(String json) throws IOException {
        assertRefused(
                directory, index(json), "weight_map", "expected an object", "fetch the index");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"weight_map\":{\"a\":\"x\"}} x",
                "{\"weight_map\":{\"a\":\"x\",\"a\":\"y\"}}"
            })
    void refusesAnIndexThatIsNoJson(String json) throws IOException {
        assertRefused(directory, index(json), "expected valid JSON");
    }

    private static void assertRefused(Path place, Path named, String... words) {
        String message =
                assertThrows(CheckpointException.class, () -> WeightFiles.open(place).close())
                        .getMessage();
        assertTrue(message.startsWith(named + ": "), message);
        assertEquals(1, message.lines().count(), message);
        for (String word : words) {
            assertTrue(message.contains(word), () -> "`%s` lacks `%s`".formatted(message, word));
        }
    }
}
