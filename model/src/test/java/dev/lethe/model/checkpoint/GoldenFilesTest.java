package dev.lethe.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The golden files, which Python wrote: each is read, and written again byte for byte.
class GoldenFilesTest {
    @TempDir private Path directory;

    private static Path golden(String name) throws URISyntaxException {
        URI uri = GoldenFilesTest.class.getResource("/golden/" + name).toURI();
        return Path.of(uri);
    }

    static Stream<Path> files() throws IOException, URISyntaxException {
        try (Stream<Path> all = Files.walk(golden("README.md").getParent())) {
            List<Path> files =
                    all.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
            assertEquals(30, files.size(), "golden files found");
            return files.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void rewritesEveryGoldenFileBitForBit(Path golden) throws IOException {
        Path copy = directory.resolve("copy.safetensors");
        try (SafeTensors file = SafeTensors.open(golden)) {
            assertEquals(Map.of("format", "pt"), file.metadata());
            SafeTensorsWriter.write(copy, file.names().stream().map(file::entry).toList());
        }
        assertEquals(-1, Files.mismatch(golden, copy));
    }

    @Test
    void readsTokensWithinTheVocabularyAndWeights() throws URISyntaxException {
        try (SafeTensors inputs = SafeTensors.open(golden("A_tiny/inputs.safetensors"));
                WeightFiles model = WeightFiles.open(golden("A_tiny/config.json").getParent())) {
            int[] ids = inputs.entry("main.input_ids", List.of(3L, 20L)).toInts();
            for (int row = 0; row < 3; row++) assertEquals(2, ids[20 * row], "rows start with BOS");
            for (int id : ids) assertTrue(id >= 0 && id < 97, "id " + id);
            Entry embedding = model.entry("model.embed_tokens.weight", List.of(97L, 32L));
            float[] floats = embedding.toFloats();
            double[] doubles = embedding.toDoubles();
            assertEquals(97 * 32, floats.length);
            for (int i = 0; i < floats.length; i++) assertEquals((double) floats[i], doubles[i]);
        }
    }
}
