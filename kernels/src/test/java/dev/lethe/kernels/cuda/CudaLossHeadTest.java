package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.backend.LinearLossKernels.Head;
import dev.lethe.engine.backend.LinearLossKernels.Wanted;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the loss heads promise beyond their contract: chunks that no result shows, no wait, and an
/// answer to what the host should have refused.
class CudaLossHeadTest {
    private static final int ROWS = 131;
    private static final int WIDTH = 5;
    private static final int VOCABULARY = 67;

    private static final LogitChunks.Budget ONE_ROW = new LogitChunks.Budget(1, 1);

    @BeforeEach
    void require() {
        SimulatedDevice.require();
    }

    /// Loss and gradients of a call, as F32.
    private record Found(float[] loss, float[] dHidden, float[] dWeight, long waits) {}

    private static Buffer upload(CudaBackend backend, TensorArena step, DType dtype, float[] x) {
        Buffer buffer = step.allocate(dtype, x.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(Math.max(1, buffer.bytes()), 64);
            for (int i = 0; i < x.length; i++) {
                switch (dtype) {
                    case F32 -> host.setAtIndex(ValueLayout.JAVA_FLOAT, i, x[i]);
                    case BF16 -> host.setAtIndex(ValueLayout.JAVA_SHORT, i, BFloat16.of(x[i]));
                    case I32 -> host.setAtIndex(ValueLayout.JAVA_INT, i, (int) x[i]);
                    case F64 -> throw new AssertionError(dtype);
                }
            }
            backend.upload(host.asSlice(0, buffer.bytes()), buffer);
        }
        return buffer;
    }

    private static float[] read(CudaBackend backend, Buffer buffer) {
        float[] x = new float[Math.toIntExact(buffer.length())];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(Math.max(1, buffer.bytes()), 64);
            backend.download(buffer, host.asSlice(0, buffer.bytes()));
            for (int i = 0; i < x.length; i++) {
                x[i] =
                        buffer.dtype() == DType.BF16
                                ? BFloat16.toFloat(host.getAtIndex(ValueLayout.JAVA_SHORT, i))
                                : host.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            }
        }
        return x;
    }

    private static float[] normal(int seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    /// Cross-entropy with these targets, one a row.
    private static Found found(LogitChunks.Budget budget, DType dtype, float... targets) {
        int rows = targets.length;
        try (CudaBackend backend = new CudaBackend(budget);
                TensorArena step = backend.openStep()) {
            Buffer hidden = upload(backend, step, dtype, normal(1, rows * WIDTH));
            Buffer weight = upload(backend, step, dtype, normal(2, VOCABULARY * WIDTH));
            Head head = new Head(rows, WIDTH, VOCABULARY, 3, hidden, weight);
            Buffer ids = upload(backend, step, DType.I32, targets);
            Buffer loss = step.allocate(DType.F32, 1);
            Buffer dHidden = step.allocate(dtype, hidden.length());
            Buffer dWeight = step.allocate(dtype, weight.length());
            LinearLossKernels kernels = backend.linearLoss(dtype).orElseThrow();
            long before = SimulatedDevice.get("synchronizations");
            kernels.crossEntropy(head, ids, Factor.of(0.125), loss, new Wanted(dHidden, dWeight));
            long waits = SimulatedDevice.get("synchronizations") - before;
            return new Found(
                    read(backend, loss), read(backend, dHidden), read(backend, dWeight), waits);
        }
    }

    private static float[] targets(int rows) {
        float[] targets = new float[rows];
        for (int row = 0; row < rows; row++) {
            targets[row] = row * 29 % 9 - 1; // some rows do not count
        }
        return targets;
    }

    @Test
    void chunksDoNotShow() {
        float[] targets = targets(ROWS);
        Found whole = found(LogitChunks.Budget.USUAL, DType.F32, targets);
        Found parts = found(ONE_ROW, DType.F32, targets);
        assertArrayEquals(whole.loss, parts.loss);
        assertArrayEquals(whole.dHidden, parts.dHidden);
        assertArrayEquals(whole.dWeight, parts.dWeight, 1e-5f);
    }

    /// Sums that were rounded to BF16 after each chunk would differ by many such roundings.
    @Test
    void theWeightsGradientIsRoundedOnce() {
        float[] targets = new float[ROWS]; // all the same
        float[] whole = found(LogitChunks.Budget.USUAL, DType.BF16, targets).dWeight;
        float[] parts = found(ONE_ROW, DType.BF16, targets).dWeight;
        int same = 0;
        for (int i = 0; i < whole.length; i++) {
            assertEquals(whole[i], parts[i], Math.abs(whole[i]) * 0x1p-7f, "element " + i);
            same += whole[i] == parts[i] ? 1 : 0;
        }
        assertTrue(same > 0.98 * whole.length, same + " of " + whole.length);
    }

    @Test
    void nothingWaitsForTheDevice() {
        float[] targets = targets(ROWS);
        assertEquals(0, found(LogitChunks.Budget.USUAL, DType.BF16, targets).waits);
        assertEquals(0, found(ONE_ROW, DType.BF16, targets).waits);
    }

    @Test
    void noRowsAreALossOfZero() {
        Found none = found(LogitChunks.Budget.USUAL, DType.F32);
        assertArrayEquals(new float[1], none.loss);
        assertArrayEquals(new float[VOCABULARY * WIDTH], none.dWeight);
    }

    /// The caller checks targets before upload; what slips through is no plausible loss.
    @Test
    void aTargetOutsideTheVocabularyIsNaN() {
        Found found = found(ONE_ROW, DType.F32, 3, VOCABULARY, 5);
        assertTrue(Float.isNaN(found.loss[0]));
        for (int row = 0; row < 3; row++) {
            float[] own = Arrays.copyOfRange(found.dHidden, row * WIDTH, (row + 1) * WIDTH);
            for (float value : own) {
                assertEquals(row == 1, Float.isNaN(value), "row " + row);
            }
        }
    }
}
