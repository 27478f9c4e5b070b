package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.SoftmaxContract;

class CudaSoftmaxTest extends SoftmaxContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }
}
