package dev.lethe.engine.reference;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.SoftmaxContract;

class ReferenceSoftmaxTest extends SoftmaxContract {
    @Override
    protected Backend open() {
        return new ReferenceBackend();
    }
}
