package dev.lethe.engine.reference;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.ReduceContract;

class ReferenceReduceTest extends ReduceContract {
    @Override
    protected Backend open() {
        return new ReferenceBackend();
    }
}
