package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;

/// The contract of fused operations on the formulas in F64: the operations' own path through kernels,
/// and the formulas in their documentation, agree with the composites to the last digits.
class FormulaFusedOpTest extends FusedOpContract {
    @Override
    protected Backend open() {
        return new FormulaBackend();
    }

    @Override
    protected DType dtype() {
        return DType.F64;
    }
}
