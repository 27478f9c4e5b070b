package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.PerturbationContract;
import dev.lethe.engine.memory.DType;

class CpuPerturbationTest extends PerturbationContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return false; // rare, and its bits are those of primitives
    }
}
