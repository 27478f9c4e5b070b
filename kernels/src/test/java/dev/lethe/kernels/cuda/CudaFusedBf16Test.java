package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.FusedBf16Contract;

class CudaFusedBf16Test extends FusedBf16Contract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }
}
