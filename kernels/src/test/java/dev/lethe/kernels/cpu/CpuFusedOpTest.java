package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.FusedOpContract;

class CpuFusedOpTest extends FusedOpContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }
}
