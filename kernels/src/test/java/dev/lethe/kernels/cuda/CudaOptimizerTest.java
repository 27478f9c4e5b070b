package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.OptimizerContract;
import dev.lethe.engine.memory.DType;

class CudaOptimizerTest extends OptimizerContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return true;
    }
}
