package dev.lethe.tools;

import dev.lethe.model.gemma2.Precision;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// On the CPU, where micro-batches run side by side.
class MemoryEstimateTest extends MemoryEstimateContract {
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void holdsOnTheCpu(int threads) {
        holds("cpu", Precision.F32, threads, 256, _ -> true);
    }
}
