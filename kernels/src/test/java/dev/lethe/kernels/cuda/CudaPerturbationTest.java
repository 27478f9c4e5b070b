package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.PerturbationContract;
import dev.lethe.engine.memory.DType;

class CudaPerturbationTest extends PerturbationContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return true;
    }
}
