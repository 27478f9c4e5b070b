package dev.lethe.kernels;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.kernels.cpu.CpuBackend;
import dev.lethe.kernels.cuda.CudaBackend;
import dev.lethe.kernels.cuda.CudaException;
import dev.lethe.kernels.cuda.CudaLibraries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens a backend by the name given to `--device`.
public final class Backends {
    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

    private Backends() {}

    /// `auto` takes the fastest that this machine has; the choice and its reason go to the log.
    ///
    /// @param name `auto`, `cpu`, `cuda` or `reference`
    /// @throws IllegalArgumentException for any other name, and for `cuda` where it cannot be
    ///     opened
    public static Backend open(String name) {
        return switch (name) {
            case "auto" -> fastest();
            case "cpu" -> announce(new CpuBackend(), "asked for");
            case "cuda" -> announce(cuda(), "asked for");
            case "reference" -> announce(new ReferenceBackend(), "asked for");
            default ->
                    throw new IllegalArgumentException(
                            "device %s does not exist; use auto, cpu, cuda or reference"
                                    .formatted(name));
        };
    }

    private static Backend cuda() {
        try {
            return new CudaBackend();
        } catch (CudaException e) {
            throw new IllegalArgumentException(
                    "device cuda: %s; or use cpu".formatted(e.getMessage()), e);
        }
    }

    /// A GPU, where there is one that can be used. A simulated device is not taken unasked.
    private static Backend fastest() {
        String reason = "auto: there is no NVIDIA GPU with its libraries";
        if (CudaLibraries.arePresent()) {
            try {
                CudaBackend cuda = new CudaBackend();
                if (!cuda.isSimulated()) {
                    return announce(cuda, "auto: the fastest backend of this machine");
                }
                cuda.close();
                reason = "auto: the CUDA device is only simulated";
            } catch (CudaException e) {
                reason = "auto: CUDA cannot be used, " + e.getMessage();
            }
        }
        return announce(new CpuBackend(), reason);
    }

    private static Backend announce(Backend backend, String reason) {
        LOG.info("device {} ({}): {}", backend.name(), reason, backend.description());
        if (backend instanceof CpuBackend cpu) {
            cpu.warnings().forEach(LOG::warn);
        }
        return backend;
    }
}
