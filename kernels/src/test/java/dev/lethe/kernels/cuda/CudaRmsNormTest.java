package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.RmsNormContract;
import dev.lethe.engine.memory.DType;

class CudaRmsNormTest extends RmsNormContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return true;
    }
}
