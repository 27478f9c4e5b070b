package dev.lethe.engine.autograd;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// Central differences at two widths, extrapolated (Richardson): the error falls as the fourth
/// power of the width, so that F64 leaves about ten correct digits.
final class FiniteDifferences {
    private static final double WIDTH = 0x1p-11;

    private FiniteDifferences() {}

    /// Derivative of `function` at `x` along every single element.
    static double[][] gradient(ToDoubleFunction<double[][]> function, double[][] x) {
        double[][] gradient = copy(x);
        double[][] along = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            along[i] = new double[x[i].length];
        }
        Function<double[][], double[][]> one =
                at -> new double[][] {{function.applyAsDouble(at)}};
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < x[i].length; j++) {
                along[i][j] = 1;
                gradient[i][j] = derivative(one, x, along)[0][0];
                along[i][j] = 0;
            }
        }
        return gradient;
    }

    /// Derivative of a vector-valued `function` at `x` along `direction`.
    static double[][] derivative(
            Function<double[][], double[][]> function, double[][] x, double[][] direction) {
        double[][] wide = central(function, x, direction, WIDTH);
        double[][] narrow = central(function, x, direction, WIDTH / 2);
        return combine(narrow, 4.0 / 3, wide, -1.0 / 3);
    }

    private static double[][] central(
            Function<double[][], double[][]> function,
            double[][] x,
            double[][] direction,
            double width) {
        double[][] above = function.apply(combine(x, 1, direction, width));
        double[][] below = function.apply(combine(x, 1, direction, -width));
        return combine(above, 0.5 / width, below, -0.5 / width);
    }

    private static double[][] combine(double[][] a, double ofA, double[][] b, double ofB) {
        double[][] sum = copy(a);
        for (int i = 0; i < sum.length; i++) {
            for (int j = 0; j < sum[i].length; j++) {
                sum[i][j] = ofA * a[i][j] + ofB * b[i][j];
            }
        }
        return sum;
    }

    private static double[][] copy(double[][] x) {
        double[][] copy = x.clone();
        for (int i = 0; i < copy.length; i++) {
            copy[i] = copy[i].clone();
        }
        return copy;
    }

    /// Fails unless `got` agrees with the differences within 1e-8 of their largest element, plus
    /// 1e-11 of what they were taken of, whose rounding they magnify, plus 1e-12.
    static void requireClose(
            String what, double[][] differences, double[][] got, double[][] takenOf) {
        double scale = largest(differences) + 1e-3 * largest(takenOf) + 1e-4;
        for (int i = 0; i < differences.length; i++) {
            for (int j = 0; j < differences[i].length; j++) {
                double expected = differences[i][j];
                double error = Math.abs(expected - got[i][j]);
                if (!(error <= 1e-8 * scale)) {
                    fail(
                            "%s: input %d element %d: expected %s, got %s, off by %.2e of %.2e"
                                    .formatted(what, i, j, expected, got[i][j], error, scale));
                }
            }
        }
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
