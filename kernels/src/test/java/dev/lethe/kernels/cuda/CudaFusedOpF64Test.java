package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.FusedOpContract;
import dev.lethe.engine.memory.DType;

class CudaFusedOpF64Test extends FusedOpContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }

    @Override
    protected DType dtype() {
        return DType.F64;
    }
}
