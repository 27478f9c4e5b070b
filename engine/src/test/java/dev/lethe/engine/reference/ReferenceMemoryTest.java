package dev.lethe.engine.reference;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.MemoryContract;

class ReferenceMemoryTest extends MemoryContract {
    @Override
    protected Backend open() {
        return new ReferenceBackend();
    }
}
