package dev.lethe.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.PrimitiveBackend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.FormulaBackend;
import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.AdamW.Settings;
import dev.lethe.engine.optim.Parameters.Spec;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// AdamW against the definition as one loop over doubles, through kernels and through the
/// composite.
class AdamWTest {
    /// More than one range of 65,536 elements, and odd.
    private static final List<Spec> SPECS =
            List.of(
                    new Spec("a", Shape.of(3, 5)),
                    new Spec("b", Shape.of(257, 257)),
                    new Spec("c", Shape.of(17)));

    private static final List<String> ALL = List.of("a", "b", "c");
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    static Stream<Arguments> runs() {
        Settings plain = new Settings(0.9, 0.999, 1e-8, 0, INFINITY);
        Settings decayed = new Settings(0.9, 0.95, 1e-6, 0.1, INFINITY);
        Settings clipped = new Settings(0.8, 0.99, 1e-8, 0.01, 0.5);
        Settings loose = new Settings(0.9, 0.999, 1e-8, 0, 1e6);
        return Stream.of(
                Arguments.of(DType.F64, false, plain, ALL),
                Arguments.of(DType.F64, true, decayed, ALL),
                Arguments.of(DType.F64, true, clipped, List.of("c", "b")),
                Arguments.of(DType.F64, false, clipped, List.of("a", "c")),
                Arguments.of(DType.F32, false, clipped, ALL),
                Arguments.of(DType.F32, false, decayed, List.of("b")),
                Arguments.of(DType.F32, false, loose, ALL));
    }

    private static Backend open(boolean kernels) {
        return kernels ? new FormulaBackend() : new PrimitiveBackend(new ReferenceBackend());
    }

    /// Floats, so that both element types start alike; gaps stay zero.
    private static void draw(Parameters parameters, long seed, double size) {
        SplittableRandom random = new SplittableRandom(seed);
        for (String name : parameters.names()) {
            double[] values = new double[Math.toIntExact(parameters.get(name).shape().size())];
            Arrays.setAll(values, _ -> (float) random.nextDouble(-size, size));
            write(parameters, name, values);
        }
    }

    private static void write(Parameters parameters, String name, double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        MemorySegment host =
                parameters.dtype() == DType.F64
                        ? MemorySegment.ofArray(values)
                        : MemorySegment.ofArray(floats);
        parameters.backend().upload(host, parameters.get(name).buffer());
    }

    private static double[] all(Parameters parameters) {
        Shape shape = Shape.of(Math.toIntExact(parameters.flat().length()));
        return Tensor.leaf(parameters.backend(), parameters.flat(), shape, false).toDoubles();
    }

    @ParameterizedTest
    @MethodSource("runs")
    void stepsAreThoseOfTheDefinition(
            DType dtype, boolean kernels, Settings settings, List<String> trained) {
        try (Backend backend = open(kernels);
                Workers workers = new Workers(2);
                Parameters parameters = Parameters.allocate(backend, dtype, SPECS);
                Parameters gradients = parameters.zerosLike();
                AdamW adamW = new AdamW(parameters, trained, settings)) {
            draw(parameters, 1, 1);
            NaiveAdamW naive =
                    new NaiveAdamW(settings, all(parameters), trainedElements(parameters, trained));
            for (int step = 1; step <= 5; step++) {
                draw(gradients, 100 + step, 0.03 * step);
                double rate = 0.01 / step;
                double norm = adamW.step(rate, gradients, workers);
                assertEquals(naive.step(rate, all(gradients)), norm, 1e-12 * norm);
                assertEquals(step, adamW.steps());
            }
            requireClose(dtype, naive.p, all(parameters));
            requireClose(dtype, naive.m, all(adamW.moments().get(0)));
            requireClose(dtype, naive.v, all(adamW.moments().get(1)));
        }
    }

    /// Within 5 steps of 10 roundings of the largest element.
    private static void requireClose(DType dtype, double[] expected, double[] got) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertArrayEquals(expected, got, 5 * 10 * dtype.epsilon() / 2 * largest);
    }

    private static boolean[] trainedElements(Parameters parameters, List<String> trained) {
        boolean[] marks = new boolean[Math.toIntExact(parameters.flat().length())];
        for (String name : trained) {
            int from = Math.toIntExact(parameters.offset(name));
            int count = Math.toIntExact(parameters.get(name).shape().size());
            Arrays.fill(marks, from, from + count, true);
        }
        return marks;
    }

    /// Three steps with decay and clipping.
    private static double[] trained(
            DType dtype, int threads, Settings settings, List<String> names) {
        try (Backend backend = new PrimitiveBackend(new ReferenceBackend());
                Workers workers = new Workers(threads);
                Parameters parameters = Parameters.allocate(backend, dtype, SPECS);
                Parameters gradients = parameters.zerosLike();
                AdamW adamW = new AdamW(parameters, names, settings)) {
            draw(parameters, 2, 1);
            for (int step = 0; step < 3; step++) {
                draw(gradients, 200 + step, 1);
                adamW.step(0.01, gradients, workers);
            }
            double[] values = all(parameters);
            assertEquals(0, values[15], "the gap after a");
            return values;
        }
    }

    @Test
    void bitsDoNotDependOnThreads() {
        Settings settings = new Settings(0.9, 0.999, 1e-8, 0.1, 1);
        for (DType dtype : new DType[] {DType.F32, DType.F64}) {
            double[] expected = trained(dtype, 1, settings, ALL);
            for (int threads : new int[] {2, 3, 5}) {
                assertArrayEquals(expected, trained(dtype, threads, settings, ALL));
            }
        }
    }

    @Test
    void untrainedTensorsKeepTheirBits() {
        Settings settings = new Settings(0.9, 0.999, 1e-8, 0.5, 1);
        double[] none = trained(DType.F32, 2, settings, List.of());
        double[] some = trained(DType.F32, 2, settings, List.of("a"));
        assertTrue(none[0] != some[0]);
        assertArrayEquals(
                Arrays.copyOfRange(none, 16, none.length),
                Arrays.copyOfRange(some, 16, some.length));
    }

    @Test
    void zeroGradientsOnlyDecay() {
        try (Backend backend = new PrimitiveBackend(new ReferenceBackend());
                Workers workers = new Workers(1);
                Parameters parameters = Parameters.allocate(backend, DType.F64, SPECS);
                Parameters gradients = parameters.zerosLike();
                AdamW adamW =
                        new AdamW(parameters, ALL, new Settings(0.9, 0.999, 1e-8, 0.5, 1))) {
            backend.elementwise().fill(8, parameters.get("a").buffer());
            int version = parameters.flat().version();
            assertEquals(0, adamW.step(0.25, gradients, workers));
            assertEquals(7, parameters.get("a").toDoubles()[0]);
            assertEquals(version + 1, parameters.flat().version());
        }
    }

    /// The weights of masters, where they are trained; an update that is refused leaves them too.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void weightsAreTheMastersRounded(boolean kernels) {
        try (Backend backend = open(kernels);
                Workers workers = new Workers(2);
                Parameters masters = Parameters.allocate(backend, DType.F32, SPECS);
                Parameters gradients = masters.zerosLike();
                Parameters weights = masters.zerosIn(DType.BF16);
                AdamW adamW =
                        new AdamW(masters, List.of("a", "b"), Settings.DEFAULT, weights)) {
            draw(masters, 2, 1);
            for (int step = 0; step < 3; step++) {
                draw(gradients, 200 + step, 1);
                int version = weights.flat().version();
                adamW.step(0.01, gradients, workers);
                assertEquals(version + 1, weights.flat().version());
                for (String name : List.of("a", "b")) {
                    double[] expected = masters.get(name).toDoubles();
                    Arrays.setAll(expected, i -> BFloat16.round(expected[i]));
                    assertArrayEquals(expected, weights.get(name).toDoubles(), name);
                }
                assertArrayEquals(new double[17], weights.get("c").toDoubles());
            }
            double[] before = all(weights);
            backend.elementwise().fill(Double.NaN, gradients.get("a").buffer());
            assertThrows(
                    ArithmeticException.class, () -> adamW.step(0.01, gradients, workers));
            assertArrayEquals(before, all(weights));
        }
    }

    /// A loss that is no number refuses updates as a norm does; a finite one changes no bit.
    @Test
    void watchedValuesRefuseUpdates() {
        try (Backend backend = new PrimitiveBackend(new ReferenceBackend());
                Workers workers = new Workers(1);
                TensorArena arena = backend.openLongLived();
                Parameters parameters = Parameters.allocate(backend, DType.F32, SPECS);
                Parameters gradients = parameters.zerosLike();
                AdamW adamW = new AdamW(parameters, ALL, Settings.DEFAULT)) {
            Buffer watched = arena.allocate(DType.F64, 3);
            Buffer norm = arena.allocate(DType.F64, 1);
            draw(parameters, 2, 1);
            for (int step = 0; step < 3; step++) {
                draw(gradients, 200 + step, 1);
                backend.elementwise().fill(-1e100, watched);
                adamW.prepare(0.01);
                adamW.update(gradients, workers, watched);
            }
            assertArrayEquals(
                    trained(DType.F32, 1, Settings.DEFAULT, ALL), all(parameters), "as unwatched");
            for (double bad : new double[] {Double.NaN, INFINITY, -INFINITY}) {
                double[] before = all(parameters);
                long steps = adamW.steps();
                backend.elementwise().fill(bad, watched.slice(1, 1));
                adamW.prepare(0.01);
                adamW.update(gradients, workers, watched);
                backend.elementwise().fill(1, watched.slice(1, 1));
                adamW.prepare(0.01);
                adamW.update(gradients, workers, watched);
                adamW.copyNorm(norm);
                double[] copied = new double[1];
                backend.download(norm, MemorySegment.ofArray(copied));
                assertTrue(Double.isNaN(copied[0]));
                assertTrue(Double.isNaN(adamW.norm()));
                assertArrayEquals(before, all(parameters));
                assertEquals(steps, adamW.steps());
                adamW.prepare(0.01);
                adamW.update(gradients, workers, watched);
                assertTrue(adamW.norm() > 0);
                assertFalse(Arrays.equals(before, all(parameters)));
            }
        }
    }

    @Test
    void nonsenseIsRefused() {
        double nan = Double.NaN;
        double[][] wrong = {
            {-0.1, 0.9, 1e-8, 0, 1}, {1, 0.9, 1e-8, 0, 1}, {0.9, 1, 1e-8, 0, 1},
            {nan, 0.9, 1e-8, 0, 1}, {0.9, nan, 1e-8, 0, 1}, {0.9, 0.9, 0, 0, 1},
            {0.9, 0.9, nan, 0, 1}, {0.9, 0.9, INFINITY, 0, 1}, {0.9, 0.9, 1e-8, -1, 1},
            {0.9, 0.9, 1e-8, nan, 1}, {0.9, 0.9, 1e-8, INFINITY, 1}, {0.9, 0.9, 1e-8, 0, 0},
            {0.9, 0.9, 1e-8, 0, -1}, {0.9, 0.9, 1e-8, 0, nan}
        };
        for (double[] s : wrong) {
            refused("adamW: ", () -> new Settings(s[0], s[1], s[2], s[3], s[4]));
        }
        List<Spec> turned = List.of(new Spec("a", Shape.of(5, 3)));
        try (Backend backend = new PrimitiveBackend(new ReferenceBackend());
                Workers workers = new Workers(1);
                Parameters parameters = Parameters.allocate(backend, DType.F64, SPECS);
                Parameters other = Parameters.allocate(backend, DType.F64, turned);
                Parameters narrow = Parameters.allocate(backend, DType.F32, SPECS);
                AdamW adamW = new AdamW(parameters, ALL, Settings.DEFAULT)) {
            refused("got a[5,3]", () -> adamW.step(0.1, other, workers));
            refused("F64, got F32", () -> adamW.step(0.1, narrow, workers));
            for (double rate : new double[] {-1, nan, INFINITY}) {
                refused("got " + rate, () -> adamW.step(rate, parameters, workers));
            }
            refused("named x", () -> new AdamW(parameters, List.of("x"), Settings.DEFAULT));
            refused("once", () -> new AdamW(parameters, List.of("a", "a"), Settings.DEFAULT));
            assertEquals(0, adamW.steps());
        }
    }

    private static void refused(String part, Runnable work) {
        String message = assertThrows(IllegalArgumentException.class, work::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
