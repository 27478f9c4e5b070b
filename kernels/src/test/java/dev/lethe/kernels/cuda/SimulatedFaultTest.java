package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The simulated device finds the mistakes of `faulty.cu`, and none in its correct kernels.
class SimulatedFaultTest {
    private static final KernelSource SOURCE =
            KernelSource.exact(
                    "faulty",
                    "faulty_sum(const element* x, element* y, int n)",
                    "faulty_reverse(const element* x, element* y, int n)",
                    "faulty_dropped_barrier(const element* x, element* y, int n)",
                    "faulty_unwritten_shared(const element* x, element* y, int n)",
                    "faulty_two_barriers(element* y, int n)",
                    "faulty_left_before_barrier(element* y, int n)",
                    "faulty_deadlock(element* y, int n)",
                    "faulty_absent_lane(element* y, int n)",
                    "faulty_overrun(element* y, int n)");
    private static final int N = 77;

    @TempDir Path folder;
    private LaunchBench bench;

    @BeforeEach
    void open() {
        SimulatedDevice.require();
        bench = new LaunchBench(folder);
    }

    @AfterEach
    void close() {
        bench.close();
        assertEquals(0, SimulatedDevice.get("contexts"));
    }

    private static float[] numbers(int n) {
        float[] numbers = new float[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = i + 1;
        }
        return numbers;
    }

    private float[] run(String kernel, Grid grid, float... x) {
        Buffer y = bench.floats(new float[x.length]);
        bench.launch(SOURCE.kernel(kernel), DType.F32, grid, bench.floats(x), y, x.length);
        return bench.read(y);
    }

    private String fault(String kernel, int n) {
        Buffer y = bench.floats(new float[n]);
        return bench.fault(SOURCE.kernel(kernel), DType.F32, Grid.of(1, 256), y, n);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void correctKernelsAreRightInBothOrders(long order) {
        try (var _ = SimulatedDevice.set("order", order)) {
            float[] x = numbers(N);
            assertEquals(N * (N + 1) / 2, run("faulty_sum", Grid.of(1, 64), x)[0]);
            float[] reversed = run("faulty_reverse", Grid.of(1, 128).withShared(4 * N), x);
            float[] expected = numbers(N);
            for (int i = 0; i < N; i++) {
                expected[i] = N - i;
            }
            assertArrayEquals(expected, reversed);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void aDroppedBarrierShowsInEitherOrder(long order) {
        try (var _ = SimulatedDevice.set("order", order)) {
            assertTrue(hasNan(run("faulty_dropped_barrier", Grid.of(1, 128), numbers(N))));
        }
    }

    @Test
    void sharedMemoryThatNobodyWroteIsNan() {
        float[] y = run("faulty_unwritten_shared", Grid.of(1, 128), numbers(N));
        for (float value : y) {
            assertTrue(Float.isNaN(value), () -> Arrays.toString(y));
        }
    }

    @Test
    void freshDeviceMemoryIsNan() {
        for (float value : bench.read(bench.buffer(DType.F32, 1024))) {
            assertTrue(Float.isNaN(value));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "faulty_two_barriers, different places",
        "faulty_left_before_barrier, returned",
        "faulty_deadlock, deadlock",
        "faulty_absent_lane, lane that takes no part"
    })
    void mistakesStopTheKernel(String kernel, String reason) {
        String message = fault(kernel, N);
        assertTrue(message.contains(reason), message);
        assertTrue(message.contains(kernel), message);
        assertTrue(message.contains("[77] F32"), message);
        assertEquals(1, message.lines().count(), message);
    }

    @Test
    void anOverrunIsFound() {
        String message = fault("faulty_overrun", 128); // as long as the grain of the allocator
        assertTrue(message.contains("faulty_overrun wrote outside"), message);
        assertTrue(message.contains("512 bytes"), message);
    }

    private static boolean hasNan(float... values) {
        for (float value : values) {
            if (Float.isNaN(value)) {
                return true;
            }
        }
        return false;
    }
}
