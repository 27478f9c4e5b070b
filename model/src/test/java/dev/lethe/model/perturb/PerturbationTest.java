package dev.lethe.model.perturb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Shrink and perturb: drawn noise, limits, refusals. The golden data judges the formula.
class PerturbationTest {
    private static final Shape LARGE = Shape.of(700, 101); // more than one range
    private static final List<Parameters.Spec> SPECS =
            List.of(
                    new Parameters.Spec("first", Shape.of(5, 3)),
                    new Parameters.Spec("norm", Shape.of(7)),
                    new Parameters.Spec("same", Shape.of(5, 3)),
                    new Parameters.Spec("large", LARGE));

    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void nothingStaysOpen() {
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private Parameters filled(DType dtype, double value) {
        Parameters parameters = Parameters.allocate(backend, dtype, SPECS);
        parameters.specs().forEach(spec -> fill(parameters, spec.name(), value));
        return parameters;
    }

    private void fill(Parameters parameters, String name, double value) {
        backend.elementwise().fill(value, parameters.get(name).buffer());
    }

    /// BF16 weights come out as F32 weights of the same values do, rounded once.
    @Test
    void bf16IsMixedInF32AndRoundedOnce() {
        try (Parameters narrow = filled(DType.BF16, 0.3);
                Parameters wide = Parameters.allocate(backend, DType.F32, SPECS)) {
            wide.copyFrom(narrow);
            new Perturbation(0.5, 0.25).apply(narrow, 9);
            new Perturbation(0.5, 0.25).apply(wide, 9);
            for (String name : wide.names()) {
                double[] expected = wide.get(name).toDoubles();
                Arrays.setAll(expected, i -> BFloat16.round(expected[i]));
                assertArrayEquals(expected, narrow.get(name).toDoubles(), name);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void drawsEachElementFromItsAddress(DType dtype) {
        try (Parameters parameters = filled(dtype, 0.75)) {
            new Perturbation(0.5, 0.25).apply(parameters, 9);
            for (int i = 0; i < SPECS.size(); i++) {
                Shape shape = SPECS.get(i).shape();
                double[] actual = parameters.get(SPECS.get(i).name()).toDoubles();
                PhiloxStream stream = new PhiloxStream(9, Purpose.PERTURBATION, i);
                double bound =
                        shape.rank() == 1 ? 0 : Math.sqrt(6.0 / (shape.dim(0) + shape.dim(1)));
                double close = dtype == DType.F64 ? 1e-15 : 1e-7;
                for (int k = 0; k < actual.length; k++) {
                    double noise = bound * stream.uniform(k, -1, 1);
                    assertEquals(0.375 + 0.125 * noise, actual[k], close, i + ", " + k);
                }
            }
        }
    }

    @Test
    void givesTheSameBitsForASeedAndOthersForAnother() {
        try (Parameters one = filled(DType.F32, 1);
                Parameters again = filled(DType.F32, 1);
                Parameters other = filled(DType.F32, 1)) {
            Perturbation perturbation = new Perturbation(0.6, 0.1);
            perturbation.apply(one, 42);
            perturbation.apply(again, 42);
            perturbation.apply(other, 43);
            for (Parameters.Spec spec : SPECS) {
                float[] values = one.get(spec.name()).toFloats();
                assertArrayEquals(values, again.get(spec.name()).toFloats());
                boolean same = Arrays.equals(values, other.get(spec.name()).toFloats());
                assertEquals(spec.shape().rank() == 1, same, spec.name());
            }
            // Two parameters of one shape do not share their noise.
            assertFalse(Arrays.equals(one.get("first").toFloats(), one.get("same").toFloats()));
        }
    }

    @Test
    void replacesMatricesByXavierUniformAtAlphaAndBetaOne() {
        try (Parameters parameters = filled(DType.F64, 123)) {
            new Perturbation(1, 1).apply(parameters, 5);
            double bound = Perturbation.xavierBound(LARGE);
            double[] values = parameters.get("large").toDoubles();
            double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
            assertTrue(largest <= bound && largest > 0.999 * bound, "largest " + largest);
            double variance = Arrays.stream(values).map(x -> x * x).average().orElseThrow();
            // Of n = 70,700 squares of U(-1, 1): mean 1/3, standard error sqrt(4/45 / n) = 0.0011.
            assertEquals(1.0 / 3, variance / (bound * bound), 0.0045);
            assertArrayEquals(new double[7], parameters.get("norm").toDoubles());
        }
    }

    @Test
    void changesNothingAtAlphaZero() {
        try (Parameters parameters = filled(DType.F32, 0.1)) {
            double before = parameters.get("first").toDoubles()[0];
            new Perturbation(0, 3).apply(parameters, 1);
            for (Parameters.Spec spec : SPECS) {
                for (double value : parameters.get(spec.name()).toDoubles()) {
                    assertEquals(before, value, spec.name());
                }
            }
        }
    }

    @Test
    void onlyShrinksAtBetaZero() {
        try (Parameters parameters = filled(DType.F64, 2)) {
            new Perturbation(0.25, 0).apply(parameters, 1);
            for (Parameters.Spec spec : SPECS) {
                for (double value : parameters.get(spec.name()).toDoubles()) {
                    assertEquals(1.5, value, spec.name());
                }
            }
        }
    }

    @Test
    void takesGivenNoiseAndIgnoresThatOfNorms() {
        try (Parameters parameters = filled(DType.F64, 1);
                Parameters noise = parameters.zerosLike()) {
            noise.specs().forEach(spec -> fill(noise, spec.name(), -0.5));
            new Perturbation(0.5, 1).apply(parameters, noise);
            double bound = Math.sqrt(6.0 / 8);
            assertEquals(0.5 - 0.25 * bound, parameters.get("first").toDoubles()[14], 1e-15);
            assertEquals(0.5, parameters.get("norm").toDoubles()[6]);
            assertEquals(-0.5, noise.get("norm").toDoubles()[0], "the noise itself");
        }
    }

    @Test
    void marksTheParametersAsChanged() {
        try (Parameters parameters = filled(DType.F32, 1)) {
            int before = parameters.get("first").buffer().version();
            new Perturbation(0.5, 0).apply(parameters, 1);
            assertNotEquals(before, parameters.get("first").buffer().version());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-0.1, 0, 'alpha: expected 0 to 1, got -0.1'",
        "1.5, 0, 'alpha: expected 0 to 1, got 1.5'",
        "NaN, 0, 'alpha: expected 0 to 1, got NaN'",
        "0.5, -1, 'beta: expected a finite number, at least 0, got -1.0'",
        "0.5, NaN, 'beta: expected a finite number, at least 0, got NaN'",
        "0.5, Infinity, 'beta: expected a finite number, at least 0, got Infinity'"
    })
    void refusesImpossibleSettings(double alpha, double beta, String words) {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new Perturbation(alpha, beta))
                        .getMessage();
        assertTrue(message.contains(words), message);
    }

    @Test
    void refusesNoiseOfAnotherLayout() {
        try (Parameters parameters = filled(DType.F32, 1);
                Parameters noise =
                        Parameters.allocate(backend, DType.F32, SPECS.subList(0, 2))) {
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> new Perturbation(0.5, 1).apply(parameters, noise))
                            .getMessage();
            assertTrue(message.contains("the noise has another layout"), message);
        }
    }
}
