package dev.lethe.engine.reference;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.ElementwiseContract;

class ReferenceElementwiseTest extends ElementwiseContract {
    @Override
    protected Backend open() {
        return new ReferenceBackend();
    }
}
