package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.ElementwiseContract;

class CpuElementwiseTest extends ElementwiseContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }
}
