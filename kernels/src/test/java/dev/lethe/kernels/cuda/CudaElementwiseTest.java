package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.ElementwiseContract;

class CudaElementwiseTest extends ElementwiseContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }
}
