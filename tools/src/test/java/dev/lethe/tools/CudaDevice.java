package dev.lethe.tools;

import dev.lethe.kernels.cuda.CudaLibraries;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

import java.util.Arrays;

/// The CUDA device of the tests named `*OnCudaTest`, which Maven gives the simulated libraries.
final class CudaDevice {
    private CudaDevice() {}

    /// Skips the test where there are no libraries, loudly; `LETHE_REQUIRE=simulated` makes that a
    /// failure.
    static void require() {
        if (CudaLibraries.arePresent()) {
            return;
        }
        String asked = System.getenv().getOrDefault("LETHE_REQUIRE", "");
        boolean named = System.getenv(CudaLibraries.VARIABLE) != null;
        if (named && Arrays.asList(asked.split(",")).contains("simulated")) {
            Assertions.fail("LETHE_REQUIRE names simulated, but there are no CUDA libraries");
        }
        Assumptions.abort("SKIPPED: there are no CUDA libraries; the simulated ones need g++");
    }
}
