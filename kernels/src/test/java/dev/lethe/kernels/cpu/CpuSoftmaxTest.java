package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.SoftmaxContract;

class CpuSoftmaxTest extends SoftmaxContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }
}
