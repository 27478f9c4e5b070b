package dev.lethe.model.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MultiKernelMmdTest {
    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void close() {
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private static double[] normals(int stream, int count, double mean) {
        PhiloxStream draws = new PhiloxStream(1, Purpose.PROBE, stream);
        return IntStream.range(0, count).mapToDouble(i -> mean + draws.normal(i)).toArray();
    }

    private double mmd(DType dtype, int rows, double[] x, double[] y) {
        try (TensorArena _ = backend.openStep()) {
            Shape shape = Shape.of(rows, x.length / rows);
            return MultiKernelMmd.between(
                            Tensor.of(dtype, shape, x), Tensor.of(dtype, shape, y))
                    .item();
        }
    }

    @Test
    void agreesWithPairsCountedOneByOne() {
        double[] x = normals(0, 5 * 7, 0.5);
        double[] y = normals(1, 5 * 7, 0);
        double width = PlainMmd.width(5, x, y);
        assertEquals(PlainMmd.between(5, x, y, width), mmd(DType.F64, 5, x, y), 1e-13);
    }

    @Test
    void isZeroForEqualSamples() {
        double[] x = normals(0, 6 * 9, 0);
        assertEquals(0, mmd(DType.F64, 6, x, x), 1e-13);
    }

    /// Of two draws from one law the biased estimate has the mean 2 (5 - k) / B, k that of the
    /// summed kernels of two rows: about 0.022 here.
    @Test
    void isNearZeroForOneLawAndNotForTwo() {
        int rows = 256;
        double[] x = normals(0, rows * 4, 0);
        double one = mmd(DType.F64, rows, x, normals(1, rows * 4, 0));
        double two = mmd(DType.F64, rows, x, normals(2, rows * 4, 1));
        assertTrue(one > 0 && one < 0.03, "one law: " + one);
        assertTrue(two > 0.5, "two laws: " + two);
    }

    /// PAPER 1.5: the bandwidth is the one distance that there is, so the value is
    /// 10 - 2 sum of exp(-4/m).
    @Test
    void isAConstantForOneRow() {
        double[] multiples = {1, 2, 4, 8, 16};
        double expected = 10;
        for (double multiple : multiples) {
            expected -= 2 * Math.exp(-4 / multiple);
        }
        assertEquals(6.1863, expected, 5e-5);
        assertEquals(
                expected, mmd(DType.F64, 1, normals(0, 20, 0), normals(1, 20, 0)), 1e-13);
        assertEquals(
                expected, mmd(DType.F32, 1, normals(2, 20, 3), normals(3, 20, 0)), 1e-5);
    }

    @Test
    void refusesSamplesOfTwoShapes() {
        try (TensorArena _ = backend.openStep()) {
            Tensor x = Tensor.zeros(DType.F32, Shape.of(2, 3));
            Tensor y = Tensor.zeros(DType.F32, Shape.of(3, 3));
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> MultiKernelMmd.between(x, y))
                            .getMessage();
            assertEquals(
                    "mmd: expected two samples [B,K] of one shape, got F32[2,3] and F32[3,3]",
                    message);
        }
    }
}
