package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.reference.ReferenceBackend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What only sizes beyond the contracts' reach: several tiles, pieces and turns of a loop.
class CudaLargeTest {
    private CudaBackend cuda;
    private ReferenceBackend reference;

    @BeforeEach
    void open() {
        cuda = TestedDevice.open();
        reference = new ReferenceBackend();
    }

    @AfterEach
    void close() {
        cuda.close();
        reference.close();
    }

    private static float[] read(Backend backend, Buffer buffer) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(buffer.bytes(), 64);
            backend.download(buffer, host);
            return host.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    private static float[] scatterAdd(Backend backend, int count, int rows) {
        int width = 3;
        SplittableRandom random = new SplittableRandom(count);
        float[] x = new float[count * width];
        int[] ids = random.ints(count, 0, rows).toArray();
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        try (TensorArena step = backend.openStep();
                Arena host = Arena.ofConfined()) {
            Buffer from = step.allocate(DType.F32, x.length);
            Buffer numbers = step.allocate(DType.I32, count);
            Buffer table = step.allocate(DType.F32, (long) rows * width);
            backend.upload(host.allocateFrom(ValueLayout.JAVA_FLOAT, x), from);
            backend.upload(host.allocateFrom(ValueLayout.JAVA_INT, ids), numbers);
            backend.elementwise().fill(0.25, table);
            backend.gather().scatterAdd(width, from, numbers, table);
            return read(backend, table);
        }
    }

    /// One tile and its edges, and sorts with merges within tiles and between them.
    @ParameterizedTest
    @ValueSource(ints = {1023, 1024, 1025, 2048, 5000})
    void manyIdsAreSorted(int count) {
        for (int rows : new int[] {1, 67, 4001}) {
            assertArrayEquals(
                    scatterAdd(reference, count, rows),
                    scatterAdd(cuda, count, rows),
                    "%d ids to %d rows".formatted(count, rows));
        }
    }

    /// More than the staging has pieces.
    @Test
    void longCopiesComeBack() {
        int count = (9 << 20) / 4 + 3;
        try (TensorArena step = cuda.openStep();
                Arena host = Arena.ofConfined()) {
            MemorySegment there = host.allocate(4L * count, 64);
            for (int i = 0; i < count; i++) {
                there.setAtIndex(ValueLayout.JAVA_INT, i, i * 0x9E3779B9);
            }
            Buffer buffer = step.allocate(DType.I32, count);
            cuda.upload(there, buffer);
            MemorySegment back = host.allocate(4L * count, 64);
            cuda.download(buffer, back);
            assertEquals(-1, there.mismatch(back));
        }
    }

    /// Several uploads follow each other through the same staging memory before anyone waits.
    @Test
    void stagingIsNotFilledBeforeItIsRead() {
        try (TensorArena step = cuda.openStep();
                Arena host = Arena.ofConfined()) {
            Buffer buffer = step.allocate(DType.F32, 100 * 7);
            for (int i = 0; i < 7; i++) {
                float[] values = new float[100];
                Arrays.fill(values, i);
                cuda.upload(
                        host.allocateFrom(ValueLayout.JAVA_FLOAT, values),
                        buffer.slice(100 * i, 100));
            }
            float[] all = read(cuda, buffer);
            for (int i = 0; i < all.length; i++) {
                assertEquals(i / 100, all[i], "element " + i);
            }
        }
    }

    /// More elements than a grid has threads.
    @Test
    void everyThreadTakesSeveralElements() {
        long count = (1L << 23) + 5;
        try (TensorArena step = cuda.openStep()) {
            Buffer buffer = step.allocate(DType.F32, count);
            cuda.elementwise().fill(3, buffer);
            for (float value : read(cuda, buffer)) {
                assertEquals(3, value);
            }
        }
    }
}
