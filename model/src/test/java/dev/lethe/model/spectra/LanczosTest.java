package dev.lethe.model.spectra;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.spectra.Lanczos.End;
import dev.lethe.model.spectra.Lanczos.Plan;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LanczosTest {
    /// The ten outermost, on exact products of a model, against the dense matrix.
    @ParameterizedTest
    @EnumSource(End.class)
    void topEigenpairsAreThoseOfTheDenseHessian(End end) {
        double[] expected = ends(DenseHessian.ONE.values(), end, 10);
        Plan plan = new Plan(10, end, 1e-10, 300, 1);
        Eigenpairs found =
                DenseHessian.onSurface(
                                surface -> Lanczos.of(surface.hessian(), plan, Progress.NONE))
                        .requireConverged();
        double scale = Math.abs(ends(expected, End.MAGNITUDE, 1)[0]);
        assertArrayEquals(expected, found.values(), 1e-8 * scale);
        assertTrue(found.steps() < 300, "far fewer products than parameters: " + found.steps());
        for (int i = 0; i < 10; i++) {
            double[] y = found.vectors()[i];
            double[] residual = DenseHessian.ONE.operator().times(y);
            Vectors.addTo(-found.values()[i], y, residual);
            assertEquals(
                    found.residuals()[i], Vectors.norm(residual), 1e-12 * scale, "residual " + i);
            for (int j = 0; j < 10; j++) {
                double product = Vectors.dot(y, found.vectors()[j]);
                assertEquals(i == j ? 1 : 0, product, 1e-12, "orthonormal");
            }
        }
    }

    private static double[] ends(double[] values, End end, int count) {
        Comparator<Double> order =
                switch (end) {
                    case LARGEST -> Comparator.reverseOrder();
                    case SMALLEST -> Comparator.naturalOrder();
                    case MAGNITUDE -> Comparator.comparingDouble(x -> -Math.abs(x));
                };
        return Arrays.stream(values)
                .boxed()
                .sorted(order)
                .limit(count)
                .mapToDouble(x -> x)
                .toArray();
    }

    @Test
    void saysHowFarItGot() {
        Plan plan = new Plan(10, End.LARGEST, 1e-10, 15, 1);
        Eigenpairs found = Lanczos.of(DenseHessian.ONE.operator(), plan, Progress.NONE);
        assertFalse(found.converged());
        assertEquals(15, found.steps());
        String message =
                assertThrows(IllegalStateException.class, found::requireConverged).getMessage();
        assertTrue(
                message.startsWith(
                        "lanczos: after 15 products %d of 10 eigenpairs".formatted(found.found())),
                message);
        // The estimate is honest: within its residual of an eigenvalue.
        for (int i = 0; i < 10; i++) {
            double value = found.values()[i];
            double nearest =
                    Arrays.stream(DenseHessian.ONE.values())
                            .map(x -> Math.abs(x - value))
                            .min()
                            .orElseThrow();
            assertTrue(nearest <= found.residuals()[i] + 1e-12);
        }
    }

    private static SymmetricOperator diagonal(double... values) {
        return SymmetricOperator.of(
                values.length,
                v -> IntStream.range(0, v.length).mapToDouble(i -> values[i] * v[i]).toArray());
    }

    /// A space that the process cannot leave, and eigenvalues that occur more than once.
    @Test
    void findsCopiesOfAnEigenvalue() {
        Plan plan = new Plan(4, End.LARGEST, 1e-12, 40, 3);
        double[] values = new double[40];
        System.arraycopy(new double[] {5, 5, 5, 2}, 0, values, 7, 4);
        Eigenpairs found = Lanczos.of(diagonal(values), plan, Progress.NONE).requireConverged();
        assertArrayEquals(new double[] {5, 5, 5, 2}, found.values(), 1e-12);
        assertTrue(found.steps() < 20, "ends when nothing is left: " + found.steps());
        Eigenpairs zero = Lanczos.of(diagonal(new double[6]), plan, Progress.NONE);
        assertArrayEquals(new double[4], zero.values(), 0);
        assertTrue(zero.converged());
    }

    @Test
    void takesTheWholeSpectrumOfASmallMatrix() {
        double[] values = {3, -1, 4, -1.5, 9};
        Plan plan = new Plan(5, End.MAGNITUDE, 1e-12, 5, 3);
        Eigenpairs found = Lanczos.of(diagonal(values), plan, Progress.NONE).requireConverged();
        assertArrayEquals(new double[] {9, 4, 3, -1.5, -1}, found.values(), 1e-13);
    }

    @Test
    void refusesNonsenseAndNaN() {
        assertThrows(
                IllegalArgumentException.class, () -> new Plan(3, End.LARGEST, 1e-8, 2, 0));
        Plan plan = new Plan(3, End.LARGEST, 1e-8, 9, 0);
        assertThrows(
                IllegalArgumentException.class,
                () -> Lanczos.of(diagonal(1, 2), plan, Progress.NONE));
        Plan endless = new Plan(1, End.LARGEST, 1e-8, Integer.MAX_VALUE, 0);
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Lanczos.of(diagonal(1, 2), endless, Progress.NONE))
                        .getMessage();
        assertTrue(message.contains("need 32767 MiB"), message);
        assertThrows(
                IllegalStateException.class,
                () -> Lanczos.of(diagonal(1, Double.NaN, 2, 3), plan, Progress.NONE));
    }
}
