package dev.lethe.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.checkpoint.CheckpointException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Specifications and results as files.
class SpecFileTest {
    @TempDir private Path directory;

    @Test
    void specificationsComeBackFromTheirFiles() throws IOException {
        Path file = directory.resolve("config.yaml");
        for (StageSpec spec : TinyStudy.everything()) {
            Files.writeString(file, SpecFile.yaml(spec));
            assertEquals(spec, SpecFile.read(file));
        }
    }

    @Test
    void yamlIsForPeople() {
        String yaml = SpecFile.yaml(TinyStudy.PERTURBED);
        assertTrue(yaml.startsWith("alpha: 0.5\nbeta: 0.25\nfrom:\n  data:\n"), yaml);
        assertTrue(yaml.contains("    forget:\n      DIV: 0.5\n      MUL: 0.5\n    retain:"), yaml);
        assertTrue(yaml.endsWith("seed: 3\nstage: perturb\n"), yaml);
    }

    @Test
    void resultsComeBackToTheBit() throws IOException {
        StageResult.Point point =
                new StageResult.Point(
                        5,
                        321,
                        1.0 / 3,
                        Map.of("forget_ce", Double.NaN),
                        Map.of("7*8=", "5\"6"));
        StageResult result =
                new StageResult(
                        7,
                        123,
                        1e300 / 3,
                        0.1,
                        "rule",
                        Map.of("kl", Math.nextUp(1e-3)),
                        List.of(point),
                        OptionalLong.of(8));
        Path file = directory.resolve("result.json");
        Files.writeString(file, SpecFile.json(result));
        assertEquals(result, SpecFile.readResult(file));
    }

    @Test
    void anUnknownKeyIsRefusedInOneLine() throws IOException {
        Path file = directory.resolve("config.yaml");
        Files.writeString(file, SpecFile.yaml(TinyStudy.PERTURBED) + "gamma: 1\n");
        String message =
                assertThrows(CheckpointException.class, () -> SpecFile.read(file)).getMessage();
        assertTrue(message.contains("gamma"), message);
        assertEquals(1, message.lines().count());
    }
}
