package dev.lethe.engine.reference;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.RandomContract;

class ReferenceRandomTest extends RandomContract {
    @Override
    protected Backend open() {
        return new ReferenceBackend();
    }
}
