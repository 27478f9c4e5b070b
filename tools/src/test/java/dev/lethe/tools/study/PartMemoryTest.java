package dev.lethe.tools.study;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.tools.command.RefusedException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PartMemoryTest {
    private static final Gemma2Config CONFIG =
            Gemma2Config.builder()
                    .vocabSize(256)
                    .hiddenSize(64)
                    .intermediateSize(128)
                    .layers(2)
                    .heads(4)
                    .kvHeads(2)
                    .headDim(16)
                    .queryPreAttnScalar(16)
                    .attentionSoftCap(50)
                    .finalSoftCap(30)
                    .slidingWindow(32)
                    .maxPositions(128)
                    .initializerRange(0.02)
                    .build();

    private static Rows rows(int count, int tokens) {
        int[] lengths = new int[count];
        Arrays.fill(lengths, tokens);
        Batch batch = Batch.shifted(count, tokens, new int[count * tokens], lengths);
        return new Rows(batch, batch, batch);
    }

    @Test
    void whatDoesNotFitSaysWhatItNeedsAndWhatToLower() {
        double needed = PartMemory.bytes(CONFIG, 128, 16, 2, DType.F64);
        assertDoesNotThrow(
                () -> PartMemory.require(CONFIG, rows(16, 128), 2, DType.F64, needed));
        RefusedException refusal =
                assertThrows(
                        RefusedException.class,
                        () ->
                                PartMemory.require(
                                        CONFIG, rows(16, 128), 2, DType.F64, needed / 2));
        assertEquals(
                "batch: 2 threads with rows of 128 tokens need about %.0f MiB, expected at most %.0f MiB here; use shorter rows, --threads 1 or --dtype f32"
                        .formatted(needed / 0x1p20, needed / 2 / 0x1p20),
                refusal.getMessage());
    }

    /// Each of the three remedies helps.
    @Test
    void needIsLessWithEachRemedy() {
        double needed = PartMemory.bytes(CONFIG, 128, 16, 2, DType.F64);
        assertTrue(PartMemory.bytes(CONFIG, 64, 16, 2, DType.F64) < needed);
        assertEquals(needed / 2, PartMemory.bytes(CONFIG, 128, 16, 1, DType.F64));
        assertEquals(needed / 2, PartMemory.bytes(CONFIG, 128, 16, 2, DType.F32));
    }

    /// RepNoise cannot cut its batch, so it grows with the rows.
    @Test
    void rowsOfOneGraphSayWhatTheyNeed() {
        double needed = PartMemory.wholeBytes(CONFIG, 128, 16, DType.F64);
        assertEquals(2 * needed, PartMemory.wholeBytes(CONFIG, 128, 32, DType.F64));
        assertDoesNotThrow(
                () -> PartMemory.requireWhole(CONFIG, rows(16, 128), DType.F64, needed));
        RefusedException refused =
                assertThrows(
                        RefusedException.class,
                        () ->
                                PartMemory.requireWhole(
                                        CONFIG, rows(16, 128), DType.F64, needed - 1));
        assertTrue(refused.getMessage().contains("lower tokens"), refused.getMessage());
    }
}
