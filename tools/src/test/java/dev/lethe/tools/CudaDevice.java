package dev.lethe.tools;

import dev.lethe.kernels.cuda.CudaLibraries;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.opentest4j.TestAbortedException;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
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

    /// A counter of the simulated device, by the name that its README.md lists.
    @SuppressWarnings("restricted") // the library is loaded already, by its path
    static long counter(String name) {
        Path library = Path.of(System.getenv(CudaLibraries.VARIABLE), "libcuda.so.1");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment get =
                    SymbolLookup.libraryLookup(library, arena)
                            .find("simulated_get")
                            .orElseThrow(
                                    () -> new TestAbortedException("SKIPPED: a GPU counts nothing"));
            MethodHandle handle =
                    Linker.nativeLinker()
                            .downcallHandle(
                                    get,
                                    FunctionDescriptor.of(
                                            ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
            long count = (long) handle.invokeExact(arena.allocateFrom(name));
            Assertions.assertTrue(count >= 0, "the device has no counter " + name);
            return count;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
