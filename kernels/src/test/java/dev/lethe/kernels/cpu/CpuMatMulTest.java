package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.MatMulContract;

class CpuMatMulTest extends MatMulContract {
    @Override
    protected Backend open() {
        return new CpuBackend();
    }
}
