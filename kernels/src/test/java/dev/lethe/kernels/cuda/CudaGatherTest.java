package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.GatherContract;

class CudaGatherTest extends GatherContract {
    @Override
    protected Backend open() {
        return TestedDevice.open();
    }

    /// By the contract of a device, the caller's duty.
    @Override
    protected boolean checksIds() {
        return false;
    }
}
