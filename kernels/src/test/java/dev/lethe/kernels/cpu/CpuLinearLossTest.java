package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.LinearLossContract;
import dev.lethe.engine.memory.DType;

class CpuLinearLossTest extends LinearLossContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return dtype == DType.F32;
    }

    /// One and several blocks of rows, each of several tiles of the vocabulary.
    @Override
    protected int[][] moreSizes() {
        return new int[][] {{3, 5, 4099}, {130, 3, 4099}};
    }
}
