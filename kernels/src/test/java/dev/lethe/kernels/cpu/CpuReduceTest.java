package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.ReduceContract;

class CpuReduceTest extends ReduceContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }
}
