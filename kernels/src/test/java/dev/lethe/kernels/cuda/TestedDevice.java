package dev.lethe.kernels.cuda;

import java.util.Arrays;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// The device of the CUDA tests: the simulated one, or a GPU where Maven was given
/// `-Dcuda.libraries`. `LETHE_REQUIRE=simulated,gpu` turns what is missing into a failure.
public final class TestedDevice {
    private TestedDevice() {}

    /// Opens the backend, or skips the test and says why.
    public static CudaBackend open() {
        requirePresent();
        CudaBackend backend = new CudaBackend();
        if (requires("gpu")) {
            Assertions.assertEquals("cuda", backend.name(), "LETHE_REQUIRE names gpu");
        }
        return backend;
    }

    /// Skips the test where there is no device, and says why.
    public static void requirePresent() {
        CudaLibraries.missing(CudaLibraries.search())
                .ifPresent(
                        missing -> {
                            if (requires("simulated") || requires("gpu")) {
                                Assertions.fail("LETHE_REQUIRE asks for it, but " + missing);
                            }
                            Assumptions.abort("SKIPPED: " + missing);
                        });
    }

    static boolean requires(String what) {
        String all = System.getenv().getOrDefault("LETHE_REQUIRE", "");
        return Arrays.asList(all.split(",")).contains(what);
    }
}
