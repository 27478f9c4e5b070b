package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.GegluContract;
import dev.lethe.engine.memory.DType;

class CudaGegluTest extends GegluContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return true;
    }
}
