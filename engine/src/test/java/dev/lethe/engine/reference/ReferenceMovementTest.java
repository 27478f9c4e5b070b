package dev.lethe.engine.reference;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.MovementContract;

class ReferenceMovementTest extends MovementContract {
    @Override
    protected Backend open() {
        return new ReferenceBackend();
    }
}
