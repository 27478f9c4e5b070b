package dev.lethe.engine.kernelled;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.FusedOpContract;
import dev.lethe.engine.memory.DType;

/// The contract of fused operations on plain F64 loops: the operations' own path through kernels, and
/// the formulas in their documentation, agree with the composites to the last digits.
class KernelledFusedOpTest extends FusedOpContract {
    @Override
    protected Backend open() {
        return new KernelledBackend();
    }

    @Override
    protected DType dtype() {
        return DType.F64;
    }
}
