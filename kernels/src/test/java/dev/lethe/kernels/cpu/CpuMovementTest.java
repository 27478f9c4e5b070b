package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.MovementContract;

class CpuMovementTest extends MovementContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }
}
