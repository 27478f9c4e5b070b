package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.backend.LinearLossKernels.Head;
import dev.lethe.engine.backend.LinearLossKernels.Wanted;
import dev.lethe.engine.backend.MeanSquareKernels;
import dev.lethe.engine.backend.StepGraphs;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/// Numbers of a step that lie in memory, denominators and the counter of noise: a kept call takes
/// what they are when it is repeated, not what they were when it was kept.
class StepNumbersCaptureTest extends CapturedWork {
    private static final int ROWS = 5;
    private static final int WIDTH = 6;
    private static final int VOCABULARY = 11;
    private static final double[] SCALES = {1.0 / 3, 1.0 / 5, 1.0 / 4};

    /// Keeps a call once and repeats it with other numbers, which must end as calls that are given
    /// each number itself.
    private void requireRead(
            int runs, IntConsumer given, Runnable kept, IntConsumer write, Buffer result) {
        float[][] expected = new float[runs][];
        for (int i = 0; i < runs; i++) {
            given.accept(i);
            expected[i] = read(result);
            assertFalse(i > 0 && Arrays.equals(expected[0], expected[i]), "run " + i);
        }
        write.accept(0);
        try (StepGraphs.Recorded recorded = record(kept)) {
            for (int i = 0; i < runs; i++) {
                write.accept(i);
                backend.elementwise().fill(0, result);
                recorded.replay();
                assertArrayEquals(expected[i], read(result), "run " + i);
            }
        }
    }

    private void requireScaleIsRead(TensorArena arena, Consumer<Factor> call, Buffer result) {
        Buffer place = arena.allocate(DType.F64, 1);
        Factor first = new Factor(SCALES[0], place);
        requireRead(
                SCALES.length,
                i -> call.accept(Factor.of(SCALES[i])),
                () -> call.accept(first),
                i -> backend.upload(MemorySegment.ofArray(new double[] {SCALES[i]}), place),
                result);
    }

    private Buffer numbers(TensorArena arena, long length, int seed) {
        Buffer buffer = arena.allocate(DType.F32, length);
        writeNumbers(buffer, seed);
        return buffer;
    }

    private Head head(TensorArena arena, int seed) {
        return new Head(
                ROWS,
                WIDTH,
                VOCABULARY,
                3,
                numbers(arena, ROWS * WIDTH, seed),
                numbers(arena, VOCABULARY * WIDTH, seed + 1));
    }

    @Test
    void denominatorsOfHeads() {
        try (TensorArena arena = backend.openLongLived()) {
            LinearLossKernels kernels = backend.linearLoss(DType.F32).orElseThrow();
            Head head = head(arena, 1);
            Head teacher = head(arena, 7);
            Buffer ids = arena.allocate(DType.I32, ROWS);
            backend.upload(MemorySegment.ofArray(new int[] {4, 1, -1, 9, 1}), ids);
            Buffer loss = arena.allocate(DType.F32, 1);
            Buffer dHidden = arena.allocate(DType.F32, ROWS * WIDTH);
            Buffer dWeight = arena.allocate(DType.F32, VOCABULARY * WIDTH);
            Wanted wanted = new Wanted(dHidden, dWeight);
            List<Consumer<Factor>> calls =
                    List.of(
                            scale -> kernels.crossEntropy(head, ids, scale, loss, wanted),
                            scale -> kernels.kl(head, teacher, ids, scale, loss, wanted),
                            scale -> kernels.uniformKl(head, ids, scale, loss, wanted));
            for (Consumer<Factor> call : calls) {
                for (Buffer result : List.of(loss, dHidden, dWeight)) {
                    requireScaleIsRead(arena, call, result);
                }
            }
        }
    }

    @Test
    void denominatorsOfMeanSquares() {
        try (TensorArena arena = backend.openLongLived()) {
            MeanSquareKernels kernels = backend.meanSquare(DType.F32).orElseThrow();
            Buffer mask = arena.allocate(DType.I32, ROWS);
            backend.upload(MemorySegment.ofArray(new int[] {1, 1, 0, 1, 1}), mask);
            MeanSquareKernels.Saved saved =
                    new MeanSquareKernels.Saved(
                            WIDTH,
                            numbers(arena, ROWS * WIDTH, 3),
                            numbers(arena, WIDTH, 4),
                            mask);
            Buffer loss = arena.allocate(DType.F32, 1);
            requireScaleIsRead(
                    arena,
                    scale -> kernels.forward(WIDTH, saved.x(), saved.target(), mask, scale, loss),
                    loss);
            Buffer one = arena.allocate(DType.F32, 1);
            backend.elementwise().fill(1, one);
            Buffer dx = arena.allocate(DType.F32, ROWS * WIDTH);
            requireScaleIsRead(arena, scale -> kernels.backward(saved, scale, one, dx), dx);
        }
    }

    @Test
    void countersOfNoise() {
        try (TensorArena arena = backend.openLongLived()) {
            Buffer number = arena.allocate(DType.I32, 1);
            Buffer noise = arena.allocate(DType.F32, 67);
            PhiloxStream stream = new PhiloxStream(5, Purpose.REPRESENTATION_NOISE, 0);
            List<Distribution> laws =
                    List.of(Distribution.Normal.STANDARD, new Distribution.Uniform(-1, 1));
            for (Distribution law : laws) {
                requireRead(
                        3,
                        i -> backend.random().fill(stream.withStream(i), 9, law, noise),
                        () -> backend.random().fill(stream, number, 9, law, noise),
                        i -> backend.upload(MemorySegment.ofArray(new int[] {i}), number),
                        noise);
            }
        }
    }

    /// A factor that the device made itself.
    @Test
    void factorsOfTensors() {
        try (TensorArena arena = backend.openLongLived()) {
            Buffer factor = arena.allocate(DType.F32, 1);
            Buffer x = numbers(arena, 67, 2);
            Buffer y = arena.allocate(DType.F32, 67);
            requireRead(
                    SCALES.length,
                    i -> backend.elementwise().affine(SCALES[i], 0, x, y),
                    () -> backend.elementwise().scale(factor, x, y),
                    i -> write(factor, (float) SCALES[i]),
                    y);
        }
    }
}
