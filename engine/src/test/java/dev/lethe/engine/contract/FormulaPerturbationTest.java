package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;

/// The contract run on the formula itself: inputs, buffers and tolerances fit together.
class FormulaPerturbationTest extends PerturbationContract {
    @Override
    protected Backend open() {
        return new FormulaBackend();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return dtype.isFloating();
    }
}
