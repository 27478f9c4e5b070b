package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.ElementwiseKernels.Binary;
import dev.lethe.engine.backend.ElementwiseKernels.Unary;
import dev.lethe.engine.backend.MatMulKernels.Product;
import dev.lethe.engine.backend.ReduceKernels.Reduction;
import dev.lethe.engine.backend.StepGraphs;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;

/// The primitive families can be captured into a graph: no call waits or allocates, and a replay
/// has the bits of direct calls on whatever the inputs then hold.
class GraphCaptureTest extends CapturedWork {
    private static final int M = 5;
    private static final int N = 7;

    /// A buffer of each kind of call's result, and a calculation that uses every family.
    private record Work(
            Buffer a,
            Buffer b,
            Buffer c,
            Buffer d,
            Buffer e,
            Buffer row,
            Buffer padded,
            Buffer ids) {
        static Work in(TensorArena arena) {
            return new Work(
                    arena.allocate(DType.F32, M * N),
                    arena.allocate(DType.F32, M * N),
                    arena.allocate(DType.F32, M * M),
                    arena.allocate(DType.F32, M * M),
                    arena.allocate(DType.F32, M * M),
                    arena.allocate(DType.F32, M),
                    arena.allocate(DType.F32, 2 * M),
                    arena.allocate(DType.I32, 2));
        }

        void run(CudaBackend backend) {
            backend.matMul().multiply(new Product(1, M, M, N, false, true), a, b, c);
            backend.elementwise().affine(0.1, -1, c, d);
            backend.elementwise().unary(Unary.TANH, d, e);
            backend.softmax().softmax(M, e, d);
            backend.elementwise().binary(Binary.MULTIPLY, d, e, c);
            backend.movement().transpose(Shape.of(M, M), new int[] {1, 0}, c, e);
            backend.gather().scatterAdd(M, c.slice(0, 2 * M), ids, e);
            backend.reduce().sum(new Reduction(M, M, 1), e, row);
            backend.movement().pad(Shape.of(M), 0, 2, 2 * M, row, padded);
        }
    }

    @Test
    void aReplayHasTheBitsOfDirectCalls() {
        try (TensorArena arena = backend.openLongLived()) {
            Work work = Work.in(arena);
            backend.upload(MemorySegment.ofArray(new int[] {3, 1}), work.ids);
            requireBitsOfDirectCalls(
                    4,
                    seed -> {
                        writeNumbers(work.a, seed);
                        writeNumbers(work.b, 100 + seed);
                    },
                    () -> work.run(backend),
                    () -> read(work.padded));
        }
    }

    /// What may not be captured says so, and spoils the capture.
    @Test
    void aWaitWhileCapturingIsRefused() {
        try (TensorArena arena = backend.openLongLived()) {
            Buffer buffer = arena.allocate(DType.F32, 3);
            write(buffer, 1, 2, 3);
            check(
                    JCudaDriver.cuStreamBeginCapture(
                            backend.device().stream(),
                            CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL));
            String message =
                    assertThrows(CudaException.class, () -> read(buffer)).getMessage();
            assertTrue(message.startsWith("download of 3 F32: cuStreamSynchronize"), message);
            CUgraph graph = new CUgraph();
            assertEquals(901, JCudaDriver.cuStreamEndCapture(backend.device().stream(), graph));
            assertArrayEquals(new float[] {1, 2, 3}, read(buffer));
        }
    }

    private String refused(Runnable work) {
        String message =
                assertThrows(CudaException.class, () -> record(work)).getMessage();
        assertTrue(message.endsWith("; set LETHE_CUDA_GRAPHS=off to do without"), message);
        return message;
    }

    /// A block that was freed before is at hand, but would be somebody else's at the next replay.
    @Test
    void copiesAndAllocationsAreRefused() {
        try (TensorArena arena = backend.openLongLived()) {
            Buffer buffer = arena.allocate(DType.F32, 3);
            try (TensorArena other = backend.openLongLived()) {
                other.allocate(DType.F32, 40_000);
            }
            write(buffer, 1, 2, 3);
            assertTrue(refused(() -> write(buffer, 4, 5, 6)).contains("upload of 3 F32"));
            assertTrue(refused(() -> read(buffer)).contains("download of 3 F32"));
            String message =
                    refused(
                            () -> {
                                try (TensorArena other = backend.openLongLived()) {
                                    other.allocate(DType.F32, 40_000);
                                }
                            });
            assertTrue(message.contains("allocate 160256 bytes"), message);
            assertArrayEquals(new float[] {1, 2, 3}, read(buffer));
            try (StepGraphs.Recorded work =
                    record(() -> backend.elementwise().fill(7, buffer))) {
                work.replay();
            }
            assertArrayEquals(new float[] {7, 7, 7}, read(buffer));
        }
    }

    /// Work that is kept writes to the scratch of its time, also when calls have outgrown it.
    @Test
    void scratchStaysWithTheWorkThatUsesIt() {
        int width = 2;
        int few = 3;
        int many = 200_000; // ids, whose keys are more than the first scratch
        try (TensorArena arena = backend.openLongLived()) {
            Buffer x = arena.allocate(DType.F32, (long) many * width);
            Buffer ids = arena.allocate(DType.I32, many);
            Buffer table = arena.allocate(DType.F32, 8);
            backend.elementwise().fill(1, x);
            backend.upload(MemorySegment.ofArray(new int[many]), ids);
            Runnable small =
                    () ->
                            backend.gather()
                                    .scatterAdd(
                                            width,
                                            x.slice(0, few * width),
                                            ids.slice(0, few),
                                            table);
            small.run();
            try (StepGraphs.Recorded work = record(small)) {
                backend.gather().scatterAdd(width, x, ids, table);
                Buffer elsewhere = arena.allocate(DType.F32, (1 << 20) / Float.BYTES);
                backend.elementwise().fill(5, elsewhere);
                work.replay();
                for (float value : read(elsewhere)) {
                    assertEquals(5, value);
                }
            }
        }
    }

    @Test
    void theSwitchIsOnOrOff() {
        assertTrue(CudaStepGraphs.areAskedFor(Map.of()));
        assertTrue(CudaStepGraphs.areAskedFor(Map.of("LETHE_CUDA_GRAPHS", "on")));
        assertFalse(CudaStepGraphs.areAskedFor(Map.of("LETHE_CUDA_GRAPHS", "off")));
        assertEquals(
                "LETHE_CUDA_GRAPHS: expected on or off, got no; leave it out for on",
                assertThrows(
                                CudaException.class,
                                () ->
                                        CudaStepGraphs.areAskedFor(
                                                Map.of("LETHE_CUDA_GRAPHS", "no")))
                        .getMessage());
    }

    private static void check(int status) {
        assertEquals(0, status);
    }
}
