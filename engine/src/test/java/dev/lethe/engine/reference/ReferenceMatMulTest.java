package dev.lethe.engine.reference;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.MatMulContract;

class ReferenceMatMulTest extends MatMulContract {
    @Override
    protected Backend open() {
        return new ReferenceBackend();
    }
}
