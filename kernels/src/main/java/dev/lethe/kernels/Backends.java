package dev.lethe.kernels;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.kernels.cpu.CpuBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens a backend by the name given to `--device`.
public final class Backends {
    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

    private Backends() {}

    /// `auto` takes the fastest that this machine has; the choice and its reason go to the log.
    ///
    /// @param name `auto`, `cpu` or `reference`
    /// @throws IllegalArgumentException for any other name
    public static Backend open(String name) {
        return switch (name) {
            case "auto" -> announce(new CpuBackend(), "auto: the fastest backend of this machine");
            case "cpu" -> announce(new CpuBackend(), "asked for");
            case "reference" -> announce(new ReferenceBackend(), "asked for");
            case "cuda" ->
                    throw new IllegalArgumentException(
                            "device cuda: there is no CUDA backend in this version; use auto, cpu"
                                    + " or reference");
            default ->
                    throw new IllegalArgumentException(
                            "device %s does not exist; use auto, cpu or reference".formatted(name));
        };
    }

    private static Backend announce(Backend backend, String reason) {
        LOG.info("device {} ({}): {}", backend.name(), reason, backend.description());
        if (backend instanceof CpuBackend cpu) {
            cpu.warnings().forEach(LOG::warn);
        }
        return backend;
    }
}
