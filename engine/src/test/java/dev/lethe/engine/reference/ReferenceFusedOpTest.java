package dev.lethe.engine.reference;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.FusedOpContract;

/// Without kernels an operation is its composite, here and everywhere.
class ReferenceFusedOpTest extends FusedOpContract {
    @Override
    protected Backend open() {
        return new ReferenceBackend();
    }
}
