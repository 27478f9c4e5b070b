package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.MatMulContract;

class CudaMatMulTest extends MatMulContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }
}
