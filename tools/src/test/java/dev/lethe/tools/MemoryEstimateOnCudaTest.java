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
        holds("cuda", Precision.F32, 1, CONFIGS, 48, MemoryEstimateOnCudaTest::isQuick);
    }

    @Test
    void holdsInBf16() {
        holds("cuda", Precision.BF16, 1, CONFIGS, 48, stage -> stage instanceof StageSpec.Pretrain);
    }

    private static boolean isQuick(StageSpec stage) {
        return stage instanceof StageSpec.Pretrain
                || stage instanceof StageSpec.Unlearn it
                        && !(it.method() instanceof Method.GradDiff)
                        && !(it.guard() instanceof Guard.Sam);
    }
}
