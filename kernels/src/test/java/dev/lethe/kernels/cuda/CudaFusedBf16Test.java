package dev.lethe.kernels.cuda;

import dev.lethe.engine.autograd.LinearCrossEntropy;
import dev.lethe.engine.autograd.LinearKl;
import dev.lethe.engine.autograd.LinearUniformKl;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.FusedBf16Contract;
import dev.lethe.engine.contract.OpCase;
import java.util.Set;

class CudaFusedBf16Test extends FusedBf16Contract {
    private static final Set<Class<?>> HEADS =
            Set.of(LinearCrossEntropy.class, LinearKl.class, LinearUniformKl.class);

    @Override
    protected Backend open() {
        return TestedDevice.open();
    }

    /// Gradients of logits, as in the heads' own contract.
    @Override
    protected int roundings(OpCase subject) {
        return HEADS.contains(subject.op()) ? 8 : 0;
    }
}
