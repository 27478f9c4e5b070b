package dev.lethe.engine.reference;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.GatherContract;

class ReferenceGatherTest extends GatherContract {
    @Override
    protected Backend open() {
        return new ReferenceBackend();
    }
}
