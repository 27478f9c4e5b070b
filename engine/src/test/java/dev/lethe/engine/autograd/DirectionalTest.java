package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.MatMul.linear;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.RmsNorm.rmsNorm;
import static dev.lethe.engine.autograd.Sum.sum;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.FormulaBackend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// Jacobian, Gauss-Newton, Hessian and third-derivative products of a small network of fused and
/// primitive operations, against Richardson's differences.
class DirectionalTest {
    private static final Backend BACKEND = new FormulaBackend();
    private static final List<Shape> SHAPES =
            List.of(Shape.of(1, 3, 2, 4), Shape.of(4), Shape.of(5, 4));
    private static final double[][] AT = numbers(0.7, 0.1);
    private static final double[][] V = numbers(1.1, 0.4);
    private static final double[][] W = numbers(2.3, -0.2);

    @AfterAll
    static void close() {
        BACKEND.close();
    }

    private static double[][] numbers(double step, double shift) {
        double[][] numbers = new double[SHAPES.size()][];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = new double[(int) SHAPES.get(i).size()];
            for (int j = 0; j < numbers[i].length; j++) {
                numbers[i][j] = Math.sin(step * (j + 1) + i) + shift;
            }
        }
        return numbers;
    }

    /// `[1,3,2,5]`: a block with attention on itself, then a linear map.
    private static Tensor network(List<Tensor> x) {
        Tensor h = rmsNorm(x.get(0), x.get(1), 1e-2);
        Tensor y = new Attention(0.5, 1.5, 2).attend(Rope.rope(h, 100, 3), h, h);
        return linear(Geglu.geglu(add(x.get(0), y), rmsNorm(y, x.get(1), 1e-2)), x.get(2));
    }

    private static Tensor loss(List<Tensor> x) {
        Tensor y = network(x);
        return sum(multiply(y, multiply(y, y)));
    }

    private static List<Tensor> leaves(double[][] at, boolean requiresGradient) {
        Tensor[] leaves = new Tensor[at.length];
        for (int i = 0; i < at.length; i++) {
            Tensor constant = Tensor.of(DType.F64, SHAPES.get(i), at[i]);
            leaves[i] = Tensor.leaf(BACKEND, constant.buffer(), SHAPES.get(i), requiresGradient);
        }
        return List.of(leaves);
    }

    private static double[][] at(double[][] x, Function<List<Tensor>, double[][]> function) {
        try (TensorArena _ = BACKEND.openStep()) {
            return function.apply(leaves(x, true));
        }
    }

    private static double[][] values(Gradients gradients, List<Tensor> inputs) {
        return inputs.stream().map(x -> gradients.of(x).toDoubles()).toArray(double[][]::new);
    }

    private static double[][] output(double[][] x) {
        return at(x, inputs -> new double[][] {network(inputs).toDoubles()});
    }

    private static double[][] jacobian(double[][] v) {
        return at(
                AT,
                x ->
                        new double[][] {
                            Directional.jacobianVector(network(x), x, leaves(v, false)).toDoubles()
                        });
    }

    private static double[][] hessian(double[][] x) {
        return at(
                x,
                inputs ->
                        values(
                                Directional.hessianVector(
                                        loss(inputs), inputs, leaves(V, false)),
                                inputs));
    }

    @Test
    void jacobianIsThatOfDifferences() {
        FiniteDifferences.requireClose(
                "J v",
                FiniteDifferences.derivative(DirectionalTest::output, AT, V),
                jacobian(V),
                output(AT));
    }

    @Test
    void hessianIsThatOfDifferences() {
        Function<double[][], double[][]> gradient =
                x -> at(x, in -> values(Autograd.gradients(loss(in), in), in));
        FiniteDifferences.requireClose(
                "H v",
                FiniteDifferences.derivative(gradient, AT, V),
                hessian(AT),
                gradient.apply(AT));
    }

    @Test
    void thirdDerivativeIsThatOfDifferencesAndSymmetric() {
        double[][] third = third(V, W);
        FiniteDifferences.requireClose(
                "T(v, w)",
                FiniteDifferences.derivative(DirectionalTest::hessian, AT, W),
                third,
                hessian(AT));
        double[][] swapped = third(W, V);
        for (int i = 0; i < third.length; i++) {
            assertArrayEquals(third[i], swapped[i], 1e-12 * largest(third));
        }
    }

    private static double[][] third(double[][] v, double[][] w) {
        return at(
                AT,
                x ->
                        values(
                                Directional.thirdDerivative(
                                        loss(x), x, leaves(v, false), leaves(w, false)),
                                x));
    }

    /// `w G v` equals `(J w) B (J v)` with both Jacobian products taken from differences, and
    /// `B = diag(1, 2, ...)`.
    @Test
    void gaussNewtonIsThatOfDifferences() {
        double[][] found =
                at(
                        AT,
                        x -> {
                            Tensor y = network(x);
                            Tensor b = diagonal(y.shape());
                            return values(
                                    Directional.gaussNewtonVector(
                                            y, x, leaves(V, false), u -> multiply(b, u)),
                                    x);
                        });
        double[] jv = FiniteDifferences.derivative(DirectionalTest::output, AT, V)[0];
        double[] jw = FiniteDifferences.derivative(DirectionalTest::output, AT, W)[0];
        double expected = 0;
        for (int i = 0; i < jv.length; i++) {
            expected += jv[i] * (i + 1) * jw[i];
        }
        double got = 0;
        for (int i = 0; i < W.length; i++) {
            for (int j = 0; j < W[i].length; j++) {
                got += W[i][j] * found[i][j];
            }
        }
        assertTrue(Math.abs(expected) > 1e-2, "a product that matters: " + expected);
        assertEquals(expected, got, 1e-8 * Math.abs(expected));
    }

    private static Tensor diagonal(Shape shape) {
        double[] numbers = new double[(int) shape.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i + 1;
        }
        return Tensor.of(DType.F64, shape, numbers);
    }

    @Test
    void whatDoesNotDependHasNoDerivative() {
        double[][] found =
                at(
                        AT,
                        x -> {
                            Tensor apart = multiply(x.get(1), x.get(1));
                            List<Tensor> other = List.of(x.get(2));
                            List<Tensor> v = List.of(leaves(V, false).get(2));
                            return new double[][] {
                                Directional.jacobianVector(apart, other, v).toDoubles()
                            };
                        });
        assertArrayEquals(new double[4], found[0]);
    }

    @Test
    void refusesDirectionsThatDoNotFit() {
        at(
                AT,
                x -> {
                    List<Tensor> one = List.of(x.get(0));
                    List<Tensor> v = leaves(V, false);
                    refused(() -> Directional.slope(loss(x), one, v));
                    refused(() -> Directional.slope(loss(x), one, List.of(v.get(1))));
                    refused(() -> Directional.slope(loss(x), one, one));
                    return AT;
                });
    }

    private static void refused(Runnable call) {
        assertThrows(IllegalArgumentException.class, call::run);
    }

    private static double largest(double[][] x) {
        double largest = 0;
        for (double[] values : x) {
            for (double value : values) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        return largest;
    }
}
