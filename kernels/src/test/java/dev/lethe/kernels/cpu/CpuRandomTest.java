package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.RandomContract;

class CpuRandomTest extends RandomContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }
}
