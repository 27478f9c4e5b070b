package dev.lethe.engine.reference;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.FusedBf16Contract;

class ReferenceFusedBf16Test extends FusedBf16Contract {
    @Override
    protected Backend open() {
        return new ReferenceBackend();
    }
}
