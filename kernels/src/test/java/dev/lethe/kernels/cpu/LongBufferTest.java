package dev.lethe.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What passes over all of a model's parameters does so in pieces where they are more than a loop
/// counts; here a piece is 7 elements.
class LongBufferTest {
    private static final int PIECE = 7;

    private final CpuElementwise kernels = new CpuElementwise(PIECE);

    private static float[] values(CpuBackend backend, Buffer buffer) {
        return Tensor.leaf(backend, buffer, Shape.of((int) buffer.length()), false).toFloats();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 14, 30})
    void fillsCopiesAndAddsEveryElementOnce(int n) {
        try (CpuBackend backend = new CpuBackend();
                TensorArena arena = backend.openLongLived()) {
            Buffer counted = arena.allocate(DType.F32, n);
            float[] numbers = new float[n];
            for (int i = 0; i < n; i++) {
                numbers[i] = i + 1;
                backend.elementwise().fill(i + 1, counted.slice(i, 1));
            }
            Buffer whole = arena.allocate(DType.F32, n + 2);
            Buffer y = whole.slice(1, n);
            backend.elementwise().fill(-1, whole);
            kernels.fill(3, y);
            kernels.addTo(counted, y);
            float[] expected = new float[n + 2];
            Arrays.fill(expected, -1);
            for (int i = 0; i < n; i++) {
                expected[i + 1] = numbers[i] + 3;
            }
            assertArrayEquals(expected, values(backend, whole));
            kernels.copy(counted, y);
            assertArrayEquals(numbers, values(backend, y));
            Buffer wide = arena.allocate(DType.F64, n);
            kernels.copy(counted, wide);
            backend.elementwise().fill(0, y);
            kernels.copy(wide, y);
            assertArrayEquals(numbers, values(backend, y));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 30})
    void refusesWhatAShortBufferIsRefusedFor(int n) {
        try (CpuBackend backend = new CpuBackend();
                TensorArena arena = backend.openLongLived()) {
            Buffer one = arena.allocate(DType.F32, n);
            Buffer other = arena.allocate(DType.F32, n + 1);
            Buffer wide = arena.allocate(DType.F64, n);
            assertThrows(IllegalArgumentException.class, () -> kernels.addTo(other, one));
            assertThrows(IllegalArgumentException.class, () -> kernels.addTo(wide, one));
            assertThrows(IllegalArgumentException.class, () -> kernels.addTo(one, one));
            assertThrows(IllegalArgumentException.class, () -> kernels.copy(other, one));
        }
    }
}
