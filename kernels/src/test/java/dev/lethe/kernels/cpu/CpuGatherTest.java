package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.GatherContract;

class CpuGatherTest extends GatherContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }
}
