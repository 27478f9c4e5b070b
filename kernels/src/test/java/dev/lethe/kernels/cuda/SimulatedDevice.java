package dev.lethe.kernels.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// Switches and counters of the simulated device, by the names that its README.md lists.
final class SimulatedDevice {
    private static final FunctionDescriptor GET =
            FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
    private static final FunctionDescriptor SET =
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);

    private SimulatedDevice() {}

    /// Skips the test where the device is a real one, or none.
    static void require() {
        TestedDevice.requirePresent();
        try (CudaBackend backend = TestedDevice.open()) {
            Assumptions.assumeTrue(
                    backend.isSimulated(), "SKIPPED: only the simulated device has these switches");
        }
    }

    static long get(String name) {
        return call("simulated_get", GET, name, 0);
    }

    /// Sets a switch until the scope ends.
    static Setting set(String name, long value) {
        return new Setting(name, call("simulated_set", SET, name, value));
    }

    record Setting(String name, long before) implements AutoCloseable {
        @Override
        public void close() {
            call("simulated_set", SET, name, before);
        }
    }

    @SuppressWarnings("restricted") // the library is loaded already, by its path
    private static long call(String function, FunctionDescriptor type, String name, long value) {
        Path library = CudaLibraries.search().getFirst().path().orElseThrow();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment symbol =
                    SymbolLookup.libraryLookup(library, arena).find(function).orElseThrow();
            MethodHandle handle = Linker.nativeLinker().downcallHandle(symbol, type);
            MemorySegment text = arena.allocateFrom(name);
            long result =
                    type == GET
                            ? (long) handle.invokeExact(text)
                            : (long) handle.invokeExact(text, value);
            Assertions.assertNotEquals(-1, result, "the device has no switch or counter " + name);
            return result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
