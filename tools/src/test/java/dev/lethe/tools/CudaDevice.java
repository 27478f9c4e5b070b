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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
    static long counter(String name) {
        return call("simulated_get", name);
    }

    /// Sets a switch of the simulated device and returns what it was.
    static long set(String name, long value) {
        return call("simulated_set", name, value);
    }

    @SuppressWarnings("restricted") // the library is loaded already, by its path
    private static long call(String function, String name, Object... value) {
        Path library = Path.of(System.getenv(CudaLibraries.VARIABLE), "libcuda.so.1");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address =
                    SymbolLookup.libraryLookup(library, arena)
                            .find(function)
                            .orElseThrow(
                                    () -> new TestAbortedException("SKIPPED: a GPU counts nothing"));
            FunctionDescriptor type =
                    FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
            if (value.length > 0) {
                type = type.appendArgumentLayouts(ValueLayout.JAVA_LONG);
            }
            List<Object> arguments = new ArrayList<>(List.of(arena.allocateFrom(name)));
            arguments.addAll(List.of(value));
            MethodHandle handle = Linker.nativeLinker().downcallHandle(address, type);
            long result = (long) handle.invokeWithArguments(arguments);
            Assertions.assertNotEquals(-1, result, "the device has no such name: " + name);
            return result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
