package dev.lethe.engine.reference;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.PerturbationContract;
import dev.lethe.engine.memory.DType;

/// The reference has no fused family: it must say so for every type.
class ReferencePerturbationTest extends PerturbationContract {
    @Override
    protected Backend open() {
        return new ReferenceBackend();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return false;
    }
}
