package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.RmsNormContract;
import dev.lethe.engine.memory.DType;

class CpuRmsNormTest extends RmsNormContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return dtype == DType.F32;
    }
}
