package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;

/// The contract again with memory for a few rows of logits at once, five of 64 numbers in
/// F32.
class CudaLinearLossInChunksTest extends CudaLinearLossTest {
    @Override
    protected Backend open() {
        TestedDevice.requirePresent();
        long bytes = 5 * 64 * DType.F32.bytes();
        return new CudaBackend(new LogitChunks.Budget(bytes, bytes));
    }
}
