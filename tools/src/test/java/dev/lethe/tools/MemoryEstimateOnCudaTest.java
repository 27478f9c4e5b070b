package dev.lethe.tools;

import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.pipeline.StageSpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// On the CUDA device, in the precisions that a GPU trains in.
class MemoryEstimateOnCudaTest extends MemoryEstimateContract {
    @BeforeAll
    static void requireDevice() {
        CudaDevice.require();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void holdsOnCuda(Precision precision) {
        holds(
                "cuda",
                precision,
                1,
                48,
                stage -> !(stage instanceof StageSpec.Relearn)); // a simulated look takes long
    }
}
