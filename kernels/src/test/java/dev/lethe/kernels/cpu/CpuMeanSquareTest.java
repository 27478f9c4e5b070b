package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.MeanSquareContract;
import dev.lethe.engine.memory.DType;

class CpuMeanSquareTest extends MeanSquareContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return dtype == DType.F32;
    }
}
