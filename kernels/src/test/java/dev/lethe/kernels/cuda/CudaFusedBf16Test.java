package dev.lethe.kernels.cuda;

import dev.lethe.engine.autograd.Attention;
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

    /// Attention: tensor cores take probabilities and gradients of scores in BF16, and the backward
    /// pass reads the output as it was stored; each meets numbers of at most about twice the array's
    /// largest. Heads: gradients of logits, as in their own contract.
    @Override
    protected int roundings(OpCase subject) {
        if (subject.op() == Attention.class) {
            return 4;
        }
        return HEADS.contains(subject.op()) ? 8 : 0;
    }
}
