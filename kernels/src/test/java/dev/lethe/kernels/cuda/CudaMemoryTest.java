package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.MemoryContract;

class CudaMemoryTest extends MemoryContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }
}
