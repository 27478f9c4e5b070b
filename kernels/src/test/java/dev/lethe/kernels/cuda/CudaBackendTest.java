package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.ElementwiseKernels.Binary;
import dev.lethe.engine.backend.ElementwiseKernels.Unary;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.reference.ReferenceBackend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The backend as a whole: names, threads, waits, failures.
class CudaBackendTest {
    @BeforeEach
    void require() {
        SimulatedDevice.require();
    }

    private static double[] chain(Backend backend, int seed, int rounds) {
        double[] last = new double[0];
        for (int round = 0; round < rounds; round++) {
            try (TensorArena step = backend.openStep();
                    Arena host = Arena.ofConfined()) {
                int n = 64 + 7 * seed;
                Buffer x = step.allocate(DType.F64, n);
                Buffer y = step.allocate(DType.F64, n);
                Buffer z = step.allocate(DType.F64, n);
                MemorySegment numbers = host.allocate(8L * n, 64);
                for (int i = 0; i < n; i++) {
                    numbers.setAtIndex(ValueLayout.JAVA_DOUBLE, i, (seed * 31 + i) % 17 * 0.125);
                }
                backend.upload(numbers, x);
                backend.elementwise().affine(0.5, 1, x, y);
                backend.elementwise().binary(Binary.MULTIPLY, x, y, z);
                backend.elementwise().binary(Binary.DIVIDE, z, y, x);
                backend.download(x, numbers);
                last = numbers.toArray(ValueLayout.JAVA_DOUBLE);
            }
        }
        return last;
    }

    @Test
    void severalThreadsGetWhatOneGets() throws Exception {
        try (CudaBackend backend = TestedDevice.open();
                ReferenceBackend reference = new ReferenceBackend();
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<double[]>> results = new ArrayList<>();
            for (int seed = 0; seed < 8; seed++) {
                int number = seed;
                Callable<double[]> work = () -> chain(backend, number, 20);
                results.add(threads.submit(work));
            }
            for (int seed = 0; seed < results.size(); seed++) {
                double[] expected = chain(reference, seed, 1);
                assertArrayEquals(expected, results.get(seed).get(), "seed " + seed);
            }
        }
    }

    @Test
    void twoBackendsShareTheDevice() {
        try (CudaBackend one = TestedDevice.open()) {
            try (CudaBackend other = TestedDevice.open()) {
                assertArrayEquals(chain(one, 3, 1), chain(other, 3, 1));
            }
            assertEquals(80 + 5, chain(one, 3, 1).length);
        }
    }

    /// Only a download waits for the device; an upload waits at most for its own staging.
    @Test
    void kernelsDoNotWait() {
        try (CudaBackend backend = TestedDevice.open();
                TensorArena step = backend.openStep()) {
            Buffer x = step.allocate(DType.F32, 100);
            Buffer y = step.allocate(DType.F32, 100);
            backend.elementwise().fill(0.5, x);
            backend.elementwise().unary(Unary.EXP, x, y);
            long before = SimulatedDevice.get("synchronizations");
            for (int i = 0; i < 10; i++) {
                backend.elementwise().unary(Unary.TANH, x, y);
                backend.elementwise().unary(Unary.EXP, y, x);
            }
            assertEquals(before, SimulatedDevice.get("synchronizations"));
        }
    }

    @Test
    void aFailedLaunchIsOneLineAndTheNextBackendWorks() {
        CudaBackend backend = TestedDevice.open();
        try (var _ = SimulatedDevice.set("fail_launch", 2);
                TensorArena step = backend.openStep()) {
            Buffer x = step.allocate(DType.F32, 100);
            backend.elementwise().fill(0.5, x);
            String message =
                    assertThrows(CudaException.class, () -> backend.elementwise().fill(1, x))
                            .getMessage();
            assertTrue(
                    message.startsWith(
                            "elementwise_fill(value 1.0 (Double), y [100] F32, n 100 (Long)):"
                                    + " cuLaunchKernel failed with status 719,"
                                    + " CUDA_ERROR_LAUNCH_FAILED"),
                    message);
            assertEquals(1, message.lines().count());
            assertThrows(CudaException.class, () -> backend.elementwise().fill(1, x));
        }
        assertThrows(CudaException.class, backend::close);
        try (CudaBackend next = TestedDevice.open()) {
            assertEquals(64, chain(next, 0, 1).length);
        }
    }

    @Test
    void anOpenArenaKeepsTheBackendOpen() {
        CudaBackend backend = TestedDevice.open();
        TensorArena step = backend.openStep();
        assertThrows(IllegalStateException.class, backend::close);
        backend.elementwise().fill(1, step.allocate(DType.F32, 3)); // still works
        step.close();
        backend.close();
        backend.close();
        String message =
                assertThrows(IllegalStateException.class, backend::description).getMessage();
        assertTrue(message.contains("closed"), message);
    }

    @Test
    void outOfMemoryIsOneLine() {
        try (var _ = SimulatedDevice.set("memory", 128L << 20);
                CudaBackend backend = TestedDevice.open();
                TensorArena step = backend.openStep()) {
            String message =
                    assertThrows(
                                    OutOfMemoryError.class,
                                    () -> step.allocate(DType.F32, 100L << 20))
                            .getMessage();
            assertTrue(message.startsWith("device memory: 400.0 MiB were asked for"), message);
            assertEquals(1, message.lines().count());
        }
    }

    /// Tensor cores take BF16 from compute capability 8.0 on.
    @Test
    void anOlderDeviceRefusesBf16InOneLine() {
        try (var _ = SimulatedDevice.set("capability", 75);
                CudaBackend backend = TestedDevice.open();
                TensorArena step = backend.openStep()) {
            assertFalse(backend.supports(DType.BF16));
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> step.allocate(DType.BF16, 1))
                            .getMessage();
            assertTrue(message.contains("cuda (simulated) backend has"), message);
            assertTrue(message.contains("got BF16; use --dtype f32"), message);
            assertEquals(1, message.lines().count());
            backend.elementwise().fill(1, step.allocate(DType.F32, 3)); // the rest works
        }
        try (CudaBackend backend = TestedDevice.open()) {
            assertTrue(backend.supports(DType.BF16));
        }
    }

    @Test
    void theSimulatedDeviceSaysSo() {
        try (CudaBackend backend = TestedDevice.open()) {
            assertEquals("cuda (simulated)", backend.name());
            assertTrue(backend.description().contains("Simulated"), backend.description());
        }
    }
}
