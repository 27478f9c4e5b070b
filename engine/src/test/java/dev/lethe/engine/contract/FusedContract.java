package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.contract.Workbench.Placement;
import dev.lethe.engine.memory.DType;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;

/// A family that a backend may lack. Its subclass states where the kernel is; both are checked.
///
/// @param <K> the family's interface
public abstract class FusedContract<K> extends KernelContract {
    /// Whether the tested backend has this family for `dtype`.
    protected abstract boolean hasKernel(DType dtype);

    abstract Optional<K> kernels(Backend backend, DType dtype);

    /// One kernel call or a forward and a backward: uploads, runs, and compares.
    interface Body<K> {
        void on(K kernels, Workbench bench);
    }

    /// Runs the body where the backend has the kernel; elsewhere it must say that it has none.
    final void verify(DType dtype, Body<K> body) {
        if (absent(dtype)) {
            Assertions.assertFalse(hasKernel(dtype), "hasKernel(" + dtype + ")");
            return;
        }
        Optional<K> kernels = kernels(tested(), dtype);
        Assertions.assertEquals(
                hasKernel(dtype), kernels.isPresent(), "hasKernel(" + dtype + ")");
        kernels.ifPresent(
                present -> {
                    for (Placement placement : Placement.values()) {
                        try (Workbench bench = new Workbench(tested(), dtype, placement)) {
                            body.on(present, bench);
                        }
                    }
                });
    }
}
