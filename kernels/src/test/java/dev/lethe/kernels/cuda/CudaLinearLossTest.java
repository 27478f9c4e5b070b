package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.LinearLossContract;
import dev.lethe.engine.memory.DType;

class CudaLinearLossTest extends LinearLossContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return dtype.isFloating();
    }
}
