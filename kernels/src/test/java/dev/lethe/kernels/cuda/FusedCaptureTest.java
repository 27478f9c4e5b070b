package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.MeanSquareKernels;
import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.backend.RopeKernels.Rotation;
import dev.lethe.engine.backend.StepGraphs;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/// The fused families captured into graphs: a replay has the bits of direct calls, and one recorded
/// update serves steps of different rates, gradients and numbers.
class FusedCaptureTest extends CapturedWork {
    private static final int ROWS = 6; // 1 row of 3 tokens of 2 heads
    private static final int WIDTH = 10;
    private static final List<Parameters.Spec> SPECS =
            List.of(
                    new Parameters.Spec("a", Shape.of(3, 7)),
                    new Parameters.Spec("b", Shape.of(129)),
                    new Parameters.Spec("c", Shape.of(5)));

    private static final IntToDoubleFunction FALLING = step -> 0.1 / (step + 1);

    /// Forward and backward of each family that has rows, one after the other.
    private void chain(List<Buffer> x, Buffer inverseRms, Buffer mask, Buffer loss, Buffer weight) {
        RmsNormKernels.Rows rows = new RmsNormKernels.Rows(ROWS, WIDTH, 1e-6);
        Rotation rotation = new Rotation(1, 3, 2, WIDTH, 10_000, 0);
        var norm = backend.rmsNorm(DType.F32).orElseThrow();
        var geglu = backend.geglu(DType.F32).orElseThrow();
        var square = backend.meanSquare(DType.F32).orElseThrow();
        norm.forward(rows, x.get(0), weight, x.get(2), inverseRms);
        backend.rope(DType.F32).orElseThrow().rotate(rotation, false, x.get(2), x.get(3));
        geglu.forward(x.get(3), x.get(1), x.get(4));
        square.forward(WIDTH, x.get(4), x.get(1), mask, Factor.of(0.3), loss);
        var saved = new MeanSquareKernels.Saved(WIDTH, x.get(4), x.get(1), mask);
        square.backward(saved, Factor.of(0.3), loss, x.get(5));
        geglu.backward(x.get(3), x.get(1), x.get(5), x.get(6), x.get(7));
        backend.rope(DType.F32).orElseThrow().rotate(rotation, true, x.get(6), x.get(3));
        norm.backward(
                rows,
                new RmsNormKernels.Saved(x.get(0), weight, inverseRms),
                x.get(3),
                x.get(2),
                x.get(8).slice(0, WIDTH));
    }

    @Test
    void aReplayHasTheBitsOfDirectCalls() {
        try (TensorArena arena = backend.openLongLived()) {
            List<Buffer> x = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                x.add(arena.allocate(DType.F32, ROWS * WIDTH));
            }
            Buffer inverseRms = arena.allocate(DType.F32, ROWS);
            Buffer weight = arena.allocate(DType.F32, WIDTH);
            Buffer loss = arena.allocate(DType.F32, 1);
            Buffer mask = arena.allocate(DType.I32, ROWS);
            backend.upload(MemorySegment.ofArray(new int[] {1, 1, 0, 1, 1, 1}), mask);
            writeNumbers(weight, 5);
            requireBitsOfDirectCalls(
                    3,
                    seed -> {
                        writeNumbers(x.get(0), seed);
                        writeNumbers(x.get(1), 40 + seed);
                    },
                    () -> chain(x, inverseRms, mask, loss, weight),
                    () -> both(x));
        }
    }

    /// Gradients of x and of the weight.
    private float[] both(List<Buffer> x) {
        float[] first = read(x.get(2));
        float[] second = read(x.get(8).slice(0, WIDTH));
        float[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private record Trace(List<float[]> parameters, List<Double> norms) {}

    /// Five steps with a rate and gradients of their own, directly or as one recorded update.
    private Trace train(boolean recorded, List<String> trained) {
        return train(recorded, trained, 0.1, FALLING);
    }

    private Trace train(
            boolean recorded, List<String> trained, double decay, IntToDoubleFunction rate) {
        Trace trace = new Trace(new ArrayList<>(), new ArrayList<>());
        AdamW.Settings settings = new AdamW.Settings(0.9, 0.99, 1e-8, decay, 2);
        try (Workers workers = new Workers(1);
                Parameters parameters = Parameters.allocate(backend, DType.F32, SPECS);
                Parameters gradients = parameters.zerosLike();
                AdamW adamW = new AdamW(parameters, trained, settings)) {
            parameters.names().forEach(name -> writeNumbers(parameters.get(name).buffer(), 3));
            Runnable update = () -> adamW.update(gradients, workers);
            StepGraphs.Recorded work = null;
            for (int step = 0; step < 5; step++) {
                for (String name : gradients.names()) {
                    writeNumbers(gradients.get(name).buffer(), 10 * step);
                }
                adamW.prepare(rate.applyAsDouble(step));
                if (recorded && step > 0) { // once before, to compile
                    work = work == null ? record(update) : work;
                    work.replay();
                } else {
                    update.run();
                }
                trace.norms.add(adamW.norm());
                trace.parameters.add(read(parameters.flat()));
            }
            if (work != null) {
                work.close();
            }
        }
        return trace;
    }

    @Test
    void oneRecordedUpdateServesEveryStep() {
        for (List<String> trained : List.of(List.of("a", "b", "c"), List.of("c", "a"))) {
            Trace direct = train(false, trained);
            Trace replayed = train(true, trained);
            assertEquals(direct.norms, replayed.norms);
            for (int step = 0; step < 5; step++) {
                assertArrayEquals(
                        direct.parameters.get(step),
                        replayed.parameters.get(step),
                        "step " + step);
            }
            assertTrue(direct.norms.getFirst() > 2, "clipping bites");
            assertNotEquals(direct.parameters.get(3)[0], direct.parameters.get(4)[0]);
        }
    }

    /// Whether by a graph or directly: the rate of a step is its own, not that of the first.
    @Test
    void ratesAreReadAtEachStep() {
        for (boolean recorded : new boolean[] {false, true}) {
            Trace falling = train(recorded, List.of("a"), 0, FALLING);
            Trace steady = train(recorded, List.of("a"), 0, _ -> FALLING.applyAsDouble(0));
            assertEquals(falling.parameters.get(0)[0], steady.parameters.get(0)[0]);
            for (int step = 1; step < 5; step++) {
                assertNotEquals(falling.parameters.get(step)[0], steady.parameters.get(step)[0]);
            }
        }
    }

    /// From the gradients to the new parameters without the host.
    @Test
    void anUpdateWaitsForNothing() {
        SimulatedDevice.require();
        try (Workers workers = new Workers(1);
                Parameters parameters = Parameters.allocate(backend, DType.F32, SPECS);
                Parameters gradients = parameters.zerosLike();
                AdamW adamW = new AdamW(parameters, parameters.names(), AdamW.Settings.DEFAULT)) {
            adamW.step(0.1, gradients, workers);
            adamW.prepare(0.1); // waits for the staging memory of uploads before it at most
            long before = SimulatedDevice.get("synchronizations");
            long launches = SimulatedDevice.get("launches");
            adamW.update(gradients, workers);
            assertEquals(before, SimulatedDevice.get("synchronizations"));
            // squares and their sum, clip, update: neighbours are one range
            assertEquals(4, SimulatedDevice.get("launches") - launches);
        }
    }

    /// Updates after one that was refused are refused too, until someone looks.
    @Test
    void whatIsNotFiniteIsSeenLater() {
        try (Workers workers = new Workers(1);
                Parameters parameters = Parameters.allocate(backend, DType.F32, SPECS);
                Parameters gradients = parameters.zerosLike();
                AdamW adamW = new AdamW(parameters, parameters.names(), AdamW.Settings.DEFAULT)) {
            backend.elementwise().fill(0.5, gradients.get("b").buffer());
            adamW.step(0.1, gradients, workers);
            float[] before = read(parameters.flat());
            float[] moments = read(adamW.moments().getLast().flat());
            backend.elementwise().fill(Double.NaN, gradients.get("a").buffer());
            adamW.prepare(0.1);
            adamW.update(gradients, workers);
            backend.elementwise().fill(1, gradients.get("a").buffer());
            adamW.prepare(0.1);
            adamW.update(gradients, workers);
            assertEquals(3, adamW.steps());
            assertTrue(Double.isNaN(adamW.norm()));
            assertEquals(1, adamW.steps());
            assertArrayEquals(before, read(parameters.flat()));
            assertArrayEquals(moments, read(adamW.moments().getLast().flat()));
            assertTrue(adamW.step(0.1, gradients, workers) > 0);
            assertEquals(2, adamW.steps());
        }
    }
}
