package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.backend.AttentionKernels.Heads;
import dev.lethe.engine.backend.AttentionKernels.Saved;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.AttentionContract;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuAttentionTest extends AttentionContract {
    private static final int DIM = 8;
    private static final int KEYS = 10;
    private static final int BLIND = 27; // a block and more of queries before the first key

    @Override
    protected Backend open() {
        return new CpuBackend();
    }

    @Override
    protected boolean hasKernel(DType dtype) {
        return dtype == DType.F32;
    }

    /// Queries before the first key give zeros, and leave everything else as it is without them.
    @ParameterizedTest
    @ValueSource(doubles = {0, 5})
    void queriesThatSeeNothing(double softCap) {
        try (CpuBackend backend = new CpuBackend();
                TensorArena arena = backend.openLongLived()) {
            SplittableRandom random = new SplittableRandom(3);
            int seeing = KEYS * DIM;
            int blind = BLIND * DIM;
            float[] q = normal(random, blind + seeing);
            float[] k = normal(random, seeing);
            float[] v = normal(random, seeing);
            float[] dOutput = normal(random, blind + seeing);
            Run all = new Run(arena, heads(BLIND + KEYS, softCap), q, k, v, dOutput);
            Run without =
                    new Run(arena, heads(KEYS, softCap), last(q), k, v, last(dOutput));
            Assertions.assertArrayEquals(last(read(without.output)), last(read(all.output)), 1e-5f);
            Assertions.assertArrayEquals(last(read(without.dq)), last(read(all.dq)), 1e-5f);
            Assertions.assertArrayEquals(read(without.dk), read(all.dk), 1e-5f);
            Assertions.assertArrayEquals(read(without.dv), read(all.dv), 1e-5f);
            for (int i = 0; i < blind; i++) {
                Assertions.assertEquals(0, F32.get(all.output.address(), i), "output " + i);
                Assertions.assertEquals(0, F32.get(all.dq.address(), i), "dq " + i);
            }
            for (int i = 0; i < BLIND; i++) {
                Assertions.assertEquals(
                        Float.NEGATIVE_INFINITY, F32.get(all.logs.address(), i), "log " + i);
            }
        }
    }

    private static Heads heads(int queries, double softCap) {
        return new Heads(1, queries, KEYS, 1, 1, DIM, 0.4, softCap, KEYS);
    }

    private static float[] normal(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /// Those of the queries that see a key.
    private static float[] last(float[] values) {
        return Arrays.copyOfRange(values, values.length - KEYS * DIM, values.length);
    }

    private static float[] read(Buffer buffer) {
        float[] values = new float[(int) buffer.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = F32.get(buffer.address(), i);
        }
        return values;
    }

    /// Outputs of a forward and a backward pass.
    private static final class Run {
        final Buffer output;
        final Buffer logs;
        final Buffer dq;
        final Buffer dk;
        final Buffer dv;

        Run(TensorArena arena, Heads heads, float[] q, float[] k, float[] v, float[] dOutput) {
            output = arena.allocate(DType.F32, q.length);
            logs = arena.allocate(DType.F32, heads.queries());
            dq = arena.allocate(DType.F32, q.length);
            dk = arena.allocate(DType.F32, k.length);
            dv = arena.allocate(DType.F32, v.length);
            Saved saved =
                    new Saved(write(arena, q), write(arena, k), write(arena, v), output, logs);
            AttentionKernels kernels = new CpuAttention(new VectorGemm());
            kernels.forward(heads, saved.q(), saved.k(), saved.v(), output, logs);
            kernels.backward(heads, saved, write(arena, dOutput), dq, dk, dv);
        }

        private static Buffer write(TensorArena arena, float[] values) {
            Buffer buffer = arena.allocate(DType.F32, values.length);
            for (int i = 0; i < values.length; i++) {
                F32.set(buffer.address(), i, values[i]);
            }
            return buffer;
        }
    }
}
