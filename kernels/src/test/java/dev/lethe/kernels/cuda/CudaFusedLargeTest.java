package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.MeanSquareKernels;
import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.backend.RopeKernels.Rotation;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cpu.CpuBackend;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What only sizes beyond the contracts' reach, against the CPU's kernels: several slabs, more rows
/// than warps, tables that grow.
class CudaFusedLargeTest {
    private CudaBackend cuda;
    private CpuBackend cpu;

    @BeforeEach
    void open() {
        cuda = TestedDevice.open();
        cpu = new CpuBackend();
    }

    @AfterEach
    void close() {
        cuda.close();
        cpu.close();
    }

    private interface Work {
        Buffer on(Backend backend, TensorArena arena);
    }

    private static Buffer random(Backend backend, TensorArena arena, int count) {
        SplittableRandom random = new SplittableRandom(count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        Buffer buffer = arena.allocate(DType.F32, count);
        backend.upload(MemorySegment.ofArray(values), buffer);
        return buffer;
    }

    private static double[] run(Backend backend, Work work) {
        try (TensorArena arena = backend.openStep()) {
            Buffer result = work.on(backend, arena);
            int count = Math.toIntExact(result.length());
            double[] values = new double[count];
            if (result.dtype() == DType.F64) {
                backend.download(result, MemorySegment.ofArray(values));
                return values;
            }
            float[] floats = new float[count];
            backend.download(result, MemorySegment.ofArray(floats));
            for (int i = 0; i < count; i++) {
                values[i] = floats[i];
            }
            return values;
        }
    }

    /// In L2, relative.
    private void requireClose(double bound, Work work) {
        double[] expected = run(cpu, work);
        double[] got = run(cuda, work);
        assertEquals(expected.length, got.length);
        double distance = 0;
        double size = 0;
        for (int i = 0; i < got.length; i++) {
            distance += (got[i] - expected[i]) * (got[i] - expected[i]);
            size += expected[i] * expected[i];
        }
        double error = Math.sqrt(distance / size);
        assertTrue(error <= bound, "off by " + error);
    }

    @Test
    void gainsOfManyRows() {
        int count = 4_501;
        int width = 150; // two tiles of columns
        requireClose(
                2e-6,
                (backend, arena) -> {
                    var kernels = backend.rmsNorm(DType.F32).orElseThrow();
                    var rows = new RmsNormKernels.Rows(count, width, 1e-6);
                    Buffer x = random(backend, arena, count * width);
                    Buffer weight = random(backend, arena, width);
                    Buffer r = arena.allocate(DType.F32, count);
                    Buffer y = arena.allocate(DType.F32, x.length());
                    kernels.forward(rows, x, weight, y, r);
                    Buffer dWeight = arena.allocate(DType.F32, width);
                    kernels.backward(
                            rows, new RmsNormKernels.Saved(x, weight, r), y, null, dWeight);
                    return dWeight;
                });
    }

    @Test
    void meanSquareOfMoreRowsThanWarps() {
        int rows = 9_001;
        requireClose(
                1e-6,
                (backend, arena) -> {
                    Buffer x = random(backend, arena, rows * 5);
                    Buffer target = random(backend, arena, 5);
                    Buffer mask = arena.allocate(DType.I32, rows);
                    int[] marks = new SplittableRandom(1).ints(rows, 0, 2).toArray();
                    backend.upload(MemorySegment.ofArray(marks), mask);
                    Buffer loss = arena.allocate(DType.F32, 1);
                    MeanSquareKernels kernels = backend.meanSquare(DType.F32).orElseThrow();
                    kernels.forward(5, x, target, mask, Factor.of(0.01), loss);
                    return loss;
                });
    }

    /// More packs than the blocks' threads.
    @Test
    void squaredNormOfMillions() {
        requireClose(
                1e-13,
                (backend, arena) -> {
                    Buffer x = random(backend, arena, 5_000_003);
                    Buffer sum = arena.allocate(DType.F64, 1);
                    backend.optimizer(DType.F32).orElseThrow().squaredNorm(x, sum);
                    return sum;
                });
    }

    /// A position beyond the table, and then one within the new one.
    @Test
    void theTableOfAnglesGrows() {
        for (int first : new int[] {0, 1000, 40, 5000, 128}) {
            requireClose(
                    1e-6,
                    (backend, arena) -> {
                        Rotation rotation = new Rotation(2, 3, 2, 12, 10_000, first);
                        Buffer x = random(backend, arena, 2 * 3 * 2 * 12);
                        Buffer y = arena.allocate(DType.F32, x.length());
                        backend.rope(DType.F32).orElseThrow().rotate(rotation, false, x, y);
                        return y;
                    });
        }
    }
}
