package dev.lethe.kernels.cpu;

import java.util.Optional;

/// What the CPU backend found on this machine.
///
/// @param processors that this process may use
/// @param vectorBits width of a vector, for instance 512 with AVX-512
/// @param blas OpenBLAS's version and options; empty where it is not in use
/// @param blasCore the processor that OpenBLAS chose its kernels for, for instance `Cooperlake`
/// @param blasMissing why OpenBLAS is not in use
/// @param oneDnn oneDNN's version; empty where it is not in use
/// @param oneDnnMissing why oneDNN is not in use
public record CpuFacts(
        int processors,
        int vectorBits,
        Optional<String> blas,
        Optional<String> blasCore,
        Optional<String> blasMissing,
        Optional<String> oneDnn,
        Optional<String> oneDnnMissing) {
    /// Looks now; loads the libraries where they are not yet loaded and not switched off.
    public static CpuFacts ofThisMachine() {
        MatrixLibraries libraries = MatrixLibraries.ofThisProcess();
        boolean openBlas = libraries.openBlasMissing().isEmpty();
        return new CpuFacts(
                Runtime.getRuntime().availableProcessors(),
                F32.SPECIES.vectorBitSize(),
                openBlas ? Optional.of(OpenBlas.config()) : Optional.empty(),
                openBlas ? Optional.of(OpenBlas.coreName()) : Optional.empty(),
                libraries.openBlasMissing(),
                libraries.oneDnnMissing().isEmpty()
                        ? Optional.of(OneDnn.version())
                        : Optional.empty(),
                libraries.oneDnnMissing());
    }
}
