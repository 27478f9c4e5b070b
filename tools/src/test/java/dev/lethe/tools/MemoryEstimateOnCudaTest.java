package dev.lethe.tools;

import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.pipeline.Guard;
import dev.lethe.model.pipeline.Method;
import dev.lethe.model.pipeline.StageSpec;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// On the CUDA device, in the precisions that a GPU trains in: few stages, since a simulated step
/// takes long.
class MemoryEstimateOnCudaTest extends MemoryEstimateContract {
    private static final List<Gemma2Config> CONFIGS =
            List.of(config(260, 32, 256, 4, 4, 2, 8));

    @BeforeAll
    static void requireDevice() {
        CudaDevice.require();
    }

    @Test
    void holdsInF32() {
        holds("cuda", Precision.F32, 1, CONFIGS, 48, StageSpec.Pretrain.class::isInstance);
    }

    @Test
    void holdsInBf16() {
        holds(
                "cuda",
                Precision.BF16,
                1,
                CONFIGS,
                48,
                stage -> stage instanceof StageSpec.Pretrain || isMaxEnt(stage));
    }

    /// With RepNoise, whose batch is not cut, and without.
    private static boolean isMaxEnt(StageSpec stage) {
        return stage instanceof StageSpec.Unlearn it
                && it.method() instanceof Method.MaxEnt
                && !(it.guard() instanceof Guard.Sam);
    }
}
