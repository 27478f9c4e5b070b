package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.FusedOpContract;

class CudaFusedOpTest extends FusedOpContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }
}
