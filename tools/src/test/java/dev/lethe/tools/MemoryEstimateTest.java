package dev.lethe.tools;

import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Precision;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// On the CPU, where micro-batches run side by side.
class MemoryEstimateTest extends MemoryEstimateContract {
    /// A wide MLP, a narrow one with wide heads, and a large vocabulary.
    private static final List<Gemma2Config> CONFIGS =
            List.of(
                    config(260, 32, 128, 10, 4, 2, 8),
                    config(260, 24, 32, 12, 4, 4, 16),
                    config(2048, 32, 64, 10, 4, 2, 8));

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void holdsOnTheCpu(int threads) {
        holds("cpu", Precision.F32, threads, CONFIGS, 256, _ -> true);
    }
}
