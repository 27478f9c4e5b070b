package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.RandomContract;

class CudaRandomTest extends RandomContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }
}
