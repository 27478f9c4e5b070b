package dev.lethe.kernels.cpu;

import java.util.Optional;

/// What the CPU backend found on this machine.
///
/// @param processors that this process may use
/// @param vectorBits width of a vector, for instance 512 with AVX-512
/// @param blas OpenBLAS's version and options; empty where it is not in use
/// @param blasCore the processor that OpenBLAS chose its kernels for, for instance `Cooperlake`
/// @param blasMissing why OpenBLAS is not in use
public record CpuFacts(
        int processors,
        int vectorBits,
        Optional<String> blas,
        Optional<String> blasCore,
        Optional<String> blasMissing) {
    /// Looks now; loads OpenBLAS where it is not yet loaded and not switched off.
    public static CpuFacts ofThisMachine() {
        int processors = Runtime.getRuntime().availableProcessors();
        int vectorBits = F32.SPECIES.vectorBitSize();
        if ("off".equals(System.getProperty("lethe.blas"))) {
            return without(processors, vectorBits, "switched off by -Dlethe.blas=off");
        }
        if (OpenBlas.available().isEmpty()) {
            return without(processors, vectorBits, OpenBlas.failure());
        }
        return new CpuFacts(
                processors,
                vectorBits,
                Optional.of(OpenBlas.config()),
                Optional.of(OpenBlas.coreName()),
                Optional.empty());
    }

    private static CpuFacts without(int processors, int vectorBits, String reason) {
        return new CpuFacts(
                processors, vectorBits, Optional.empty(), Optional.empty(), Optional.of(reason));
    }
}
