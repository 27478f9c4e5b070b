package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.MovementContract;

class CudaMovementTest extends MovementContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }
}
