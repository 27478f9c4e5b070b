package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.ReduceContract;

class CudaReduceTest extends ReduceContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }
}
