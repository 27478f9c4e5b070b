package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.LogitChunks.Budget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogitChunksTest {
    private static final int VOCABULARY = 256_000;

    /// In primitives a head holds at least the logits before and after the cap, log-probabilities,
    /// and a gradient of each of two of them: five matrices, for each of its logits.
    @ParameterizedTest
    @CsvSource({"1024,1", "2048,1", "8192,1", "8192,2", "65536,1", "65536,2"})
    void aHeadTakesATwentiethOfWhatItTakesInPrimitives(int rows, int matrices) {
        LogitChunks chunks =
                LogitChunks.of(rows, VOCABULARY, matrices, DType.F32, Budget.USUAL);
        long primitives = 5L * matrices * rows * VOCABULARY * DType.F32.bytes();
        assertTrue(
                20 * matrices * chunks.bytes() <= primitives,
                "%d bytes of %d".formatted(matrices * chunks.bytes(), primitives));
        assertTrue(chunks.rows() >= 32, chunks.toString()); // so that products have work
    }

    @Test
    void fewLogitsAreOneChunk() {
        assertEquals(8192, LogitChunks.of(8192, 2048, 1, DType.F32, Budget.USUAL).rows());
        assertEquals(4096, LogitChunks.of(8192, 2048, 2, DType.F32, Budget.USUAL).rows());
    }

    @Test
    void thereIsAlwaysARow() {
        assertEquals(1, LogitChunks.of(3, 1000, 2, DType.F64, new Budget(1, 1)).rows());
        assertEquals(1, LogitChunks.of(0, 1000, 2, DType.F64, Budget.USUAL).rows());
    }

    @Test
    void blocksAreWholeWarps() {
        for (int vocabulary : new int[] {1, 31, 33, 255, 256, 257, 2047, 2049, VOCABULARY}) {
            LogitChunks chunks = LogitChunks.of(7, vocabulary, 1, DType.F32, Budget.USUAL);
            assertTrue(chunks.pitch() >= vocabulary && chunks.pitch() < vocabulary + 32);
            assertEquals(0, chunks.threads() % 32);
            assertTrue(chunks.threads() <= 512);
            assertTrue(chunks.threads() * 4 >= Math.min(vocabulary, 2048));
        }
    }
}
