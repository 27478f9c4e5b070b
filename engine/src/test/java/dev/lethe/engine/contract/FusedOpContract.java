package dev.lethe.engine.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.lethe.engine.autograd.Autograd.Mode;
import dev.lethe.engine.autograd.Geglu;
import dev.lethe.engine.autograd.MaskedMeanSquare;
import dev.lethe.engine.autograd.RmsNorm;
import dev.lethe.engine.autograd.Rope;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Fused operations on a backend's kernels against their composites on the reference: value,
/// gradient and second derivative. A backend's test supplies the backend.
///
/// Truth is the composite in F64. The backend may be twice as far from it as the reference is in
/// the backend's own type (measured in F32, at the worst element, and scaled by the units of
/// rounding), and [#SLACK] units of rounding of the largest number of the comparison.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class FusedOpContract {
    private static final double SLACK = 16;
    private static final Set<Class<?>> WITHOUT_SOFTMAX =
            Set.of(Geglu.class, MaskedMeanSquare.class, RmsNorm.class, Rope.class);

    private Backend tested;
    private Backend reference;

    /// The backend under test.
    protected abstract Backend open();

    /// The element type in which it has kernels.
    protected DType dtype() {
        return DType.F32;
    }

    static List<OpCase> cases() {
        return Stream.concat(FusedCases.small().stream(), FusedCases.large().stream()).toList();
    }

    @BeforeAll
    void openBackends() {
        tested = open();
        reference = new ReferenceBackend();
    }

    @AfterAll
    void closeBackends() {
        assertEquals(0, tested.memory().openArenas(), "arenas left open");
        tested.close();
        reference.close();
    }

    /// What is compared: one or more arrays of one case on one backend.
    private interface Quantity {
        double[][] of(Differentiation on);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void value(OpCase subject) {
        // Losses are differences of terms around 1, whatever they come to themselves.
        compare(subject, "value", d -> new double[][] {d.value(subject.inputs()), {1}});
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradient(OpCase subject) {
        compare(subject, "gradient", d -> d.gradient(subject.inputs(), Mode.VALUES));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void differentiableGradient(OpCase subject) {
        compare(
                subject,
                "differentiable gradient",
                d -> d.gradient(subject.inputs(), Mode.DIFFERENTIABLE));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void secondDerivative(OpCase subject) {
        compare(subject, "second derivative", d -> d.second(subject.inputs()));
    }

    /// One gradient alone has the bits that it has beside the others, and so has a repetition.
    @ParameterizedTest
    @MethodSource("cases")
    void gradientOfOneInputAlone(OpCase subject) {
        Differentiation d = new Differentiation(tested, dtype(), subject);
        double[][] x = subject.inputs();
        double[][] all = d.gradient(x, Mode.VALUES);
        for (int i = 0; i < all.length; i++) {
            assertArrayEquals(all[i], d.gradientOf(i, x), "input " + i);
        }
    }

    /// A value that is not a number shows where it does in the composite.
    @ParameterizedTest
    @MethodSource("cases")
    void notANumberSpreadsAlike(OpCase subject) {
        requireSameNaN(subject, Double.NaN);
    }

    /// Not for softmaxes: the composite of attention hides keys behind a finite number.
    @ParameterizedTest
    @MethodSource("cases")
    void infinitySpreadsAlike(OpCase subject) {
        if (WITHOUT_SOFTMAX.contains(subject.op())) {
            requireSameNaN(subject, Double.POSITIVE_INFINITY);
            requireSameNaN(subject, Double.NEGATIVE_INFINITY);
        }
    }

    private void requireSameNaN(OpCase subject, double first) {
        double[][] x = subject.inputs();
        x[0][0] = first;
        double[] expected = new Differentiation(reference, DType.F64, subject).value(x);
        double[] got = new Differentiation(tested, dtype(), subject).value(x);
        for (int i = 0; i < expected.length; i++) {
            if (Double.isNaN(expected[i]) != Double.isNaN(got[i])) {
                fail(
                        "%s with x[0] = %s: element %d: expected %s, got %s"
                                .formatted(subject, first, i, expected[i], got[i]));
            }
        }
    }

    private void compare(OpCase subject, String what, Quantity quantity) {
        double[][] truth = quantity.of(new Differentiation(reference, DType.F64, subject));
        double[][] plain = quantity.of(new Differentiation(reference, DType.F32, subject));
        double[][] got = quantity.of(new Differentiation(tested, dtype(), subject));
        double magnitude = 0;
        for (double[] values : truth) {
            magnitude = Math.max(magnitude, distance(values, new double[values.length]));
        }
        for (int i = 0; i < truth.length; i++) {
            double units = distance(plain[i], truth[i]) / DType.F32.epsilon();
            double allowed = (2 * units + SLACK * magnitude) * dtype().epsilon();
            for (int j = 0; j < truth[i].length; j++) {
                if (!(Math.abs(got[i][j] - truth[i][j]) <= allowed)) {
                    fail(
                            "%s of %s, array %d element %d: truth %s, in F32 %s, got %s; allowed %.3e"
                                    .formatted(
                                            what,
                                            subject,
                                            i,
                                            j,
                                            truth[i][j],
                                            plain[i][j],
                                            got[i][j],
                                            allowed));
                }
            }
        }
    }

    /// Largest difference; 0 for empty arrays.
    private static double distance(double[] x, double[] y) {
        double distance = 0;
        for (int i = 0; i < x.length; i++) {
            distance = Math.max(distance, Math.abs(x[i] - y[i]));
        }
        return distance;
    }
}
