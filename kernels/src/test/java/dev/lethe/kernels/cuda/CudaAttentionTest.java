package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.backend.AttentionKernels.Heads;
import dev.lethe.engine.backend.AttentionKernels.Saved;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.AttentionContract;
import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CudaAttentionTest extends AttentionContract {
    private static final int DIM = 8;
    private static final int KEYS = 10;
    private static final int BLIND = 67; // a tile and more of queries before the first key

    @Override
    protected Backend open() {
        return TestedDevice.open();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return true;
    }

    /// Queries before the first key give zeros, and leave everything else as it is without them.
    @ParameterizedTest
    @ValueSource(doubles = {0, 5})
    void queriesThatSeeNothing(double softCap) {
        try (CudaBackend backend = TestedDevice.open();
                TensorArena arena = backend.openLongLived()) {
            SplittableRandom random = new SplittableRandom(3);
            int seeing = KEYS * DIM;
            float[] q = normal(random, BLIND * DIM + seeing);
            float[] k = normal(random, seeing);
            float[] v = normal(random, seeing);
            float[] dOutput = normal(random, BLIND * DIM + seeing);
            Run all = new Run(arena, DType.F32, blind(BLIND, softCap), q, k, v, dOutput);
            Run without =
                    new Run(
                            arena, DType.F32, blind(0, softCap), last(q), k, v, last(dOutput));
            assertArrayEquals(without.output, last(all.output), 1e-5f);
            assertArrayEquals(without.dq, last(all.dq), 1e-5f);
            assertArrayEquals(without.dk, all.dk, 1e-5f);
            assertArrayEquals(without.dv, all.dv, 1e-5f);
            for (int i = 0; i < BLIND * DIM; i++) {
                assertEquals(0, all.output[i], "output " + i);
                assertEquals(0, all.dq[i], "dq " + i);
            }
            for (int i = 0; i < BLIND; i++) {
                assertEquals(Float.NEGATIVE_INFINITY, all.logs[i], "log " + i);
            }
        }
    }

    private static Heads blind(int queries, double softCap) {
        return new Heads(1, queries + KEYS, KEYS, 1, 1, DIM, 0.4, softCap, KEYS);
    }

    /// Those of the queries that see a key.
    private static float[] last(float[] values) {
        return Arrays.copyOfRange(values, values.length - KEYS * DIM, values.length);
    }

    /// Whichever thread and block goes first.
    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void sameBitsInAnyOrder(DType dtype) {
        SimulatedDevice.require();
        Heads heads = new Heads(2, 70, 131, 4, 2, 24, 0.2, 5, 66);
        SplittableRandom random = new SplittableRandom(4);
        float[] q = normal(random, 2 * 70 * 4 * 24);
        float[] k = normal(random, 2 * 131 * 2 * 24);
        float[] v = normal(random, k.length);
        float[] dOutput = normal(random, q.length);
        try (CudaBackend backend = TestedDevice.open();
                TensorArena arena = backend.openLongLived()) {
            Run first = new Run(arena, dtype, heads, q, k, v, dOutput);
            long order = 1 - SimulatedDevice.get("order");
            try (var _ = SimulatedDevice.set("order", order)) {
                Run second = new Run(arena, dtype, heads, q, k, v, dOutput);
                for (int i = 0; i < first.all().size(); i++) {
                    assertArrayEquals(first.all().get(i), second.all().get(i), "array " + i);
                }
            }
        }
    }

    @Test
    void aHeadTooWideIsRefusedInOneLine() {
        try (CudaBackend backend = TestedDevice.open();
                TensorArena arena = backend.openStep()) {
            Buffer q = arena.allocate(DType.F32, 257);
            Heads heads = new Heads(1, 1, 1, 1, 1, 257, 1, 0, 1);
            AttentionKernels kernels = backend.attention(DType.F32).orElseThrow();
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> kernels.forward(heads, q, q, q, q, q))
                            .getMessage();
            assertEquals(1, message.lines().count(), message);
            assertTrue(message.contains("at most 256"), message);
        }
    }

    private static float[] normal(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /// Outputs of a forward and a backward pass.
    private static final class Run {
        final float[] output;
        final float[] logs;
        final float[] dq;
        final float[] dk;
        final float[] dv;

        Run(
                TensorArena arena,
                DType dtype,
                Heads heads,
                float[] q,
                float[] k,
                float[] v,
                float[] dOutput) {
            int rows = heads.batch() * heads.heads() * heads.queries();
            Buffer outputs = arena.allocate(dtype, q.length);
            Buffer logSumExp = arena.allocate(DType.F32, rows);
            Buffer dqs = arena.allocate(dtype, q.length);
            Buffer dks = arena.allocate(dtype, k.length);
            Buffer dvs = arena.allocate(dtype, k.length);
            Saved saved =
                    new Saved(
                            write(arena, dtype, q),
                            write(arena, dtype, k),
                            write(arena, dtype, v),
                            outputs,
                            logSumExp);
            AttentionKernels kernels = arena.backend().attention(dtype).orElseThrow();
            kernels.forward(heads, saved.q(), saved.k(), saved.v(), outputs, logSumExp);
            kernels.backward(heads, saved, write(arena, dtype, dOutput), dqs, dks, dvs);
            output = read(arena, outputs);
            logs = read(arena, logSumExp);
            dq = read(arena, dqs);
            dk = read(arena, dks);
            dv = read(arena, dvs);
        }

        List<float[]> all() {
            return List.of(output, logs, dq, dk, dv);
        }

        private static Buffer write(TensorArena arena, DType dtype, float[] values) {
            Buffer buffer = arena.allocate(dtype, values.length);
            short[] halves = new short[values.length];
            for (int i = 0; i < values.length; i++) {
                halves[i] = BFloat16.of(values[i]);
            }
            MemorySegment source =
                    dtype == DType.BF16
                            ? MemorySegment.ofArray(halves)
                            : MemorySegment.ofArray(values);
            arena.backend().upload(source, buffer);
            return buffer;
        }

        private static float[] read(TensorArena arena, Buffer buffer) {
            float[] values = new float[(int) buffer.length()];
            if (buffer.dtype() == DType.F32) {
                arena.backend().download(buffer, MemorySegment.ofArray(values));
                return values;
            }
            short[] halves = new short[values.length];
            arena.backend().download(buffer, MemorySegment.ofArray(halves));
            for (int i = 0; i < values.length; i++) {
                values[i] = BFloat16.toFloat(halves[i]);
            }
            return values;
        }
    }
}
