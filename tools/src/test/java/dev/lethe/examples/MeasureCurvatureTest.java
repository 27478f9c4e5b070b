package dev.lethe.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Initialization;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasureCurvatureTest {
    private static final Gemma2Config CONFIG =
            Gemma2Config.builder()
                    .vocabSize(16)
                    .hiddenSize(12)
                    .intermediateSize(16)
                    .layers(1)
                    .heads(2)
                    .kvHeads(1)
                    .headDim(6)
                    .queryPreAttnScalar(6)
                    .build();

    @TempDir private Path directory;

    @Test
    void findsWhatPullsApartAndWhatBends() {
        try (var backend = Backends.open("cpu");
                Gemma2 model = Gemma2.allocate(CONFIG, backend, DType.F32)) {
            Initialization.randomize(model, 42);
            Gemma2Checkpoint.save(model, directory);
        }
        // The same rows: GradDiff climbs for one term what it descends for the other.
        Batch rows = Batch.shifted(1, 6, new int[] {3, 4, 5, 6, 7, 8}, new int[] {6});
        MeasureCurvature.Found found = MeasureCurvature.ask(directory, rows, rows);
        assertTrue(Math.abs(found.conflict() + 1) < 1e-12, "cosine " + found.conflict());
        assertTrue(found.sharpest() > 0, "eigenvalue " + found.sharpest());
    }
}
