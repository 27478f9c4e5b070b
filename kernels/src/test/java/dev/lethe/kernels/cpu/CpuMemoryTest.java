package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.MemoryContract;

class CpuMemoryTest extends MemoryContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }
}
