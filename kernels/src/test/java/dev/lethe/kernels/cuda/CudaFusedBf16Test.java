package dev.lethe.kernels.cuda;

import dev.lethe.engine.autograd.Attention;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.FusedBf16Contract;
import dev.lethe.engine.contract.OpCase;

class CudaFusedBf16Test extends FusedBf16Contract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }

    /// Tensor cores take probabilities and gradients of scores in BF16, and the backward pass reads
    /// the output as it was stored; each meets numbers of at most about twice the array's largest.
    @Override
    protected int roundings(OpCase subject) {
        return subject.op() == Attention.class ? 4 : 0;
    }
}
