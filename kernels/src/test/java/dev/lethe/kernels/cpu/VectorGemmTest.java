package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.MatMulContract;

/// The matrix product that takes over where OpenBLAS cannot be loaded.
class VectorGemmTest extends MatMulContract {
    @Override
    protected Backend open() {
        return new CpuBackend(new VectorGemm());
    }
}
