package dev.lethe.engine.autograd;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// Central differences at two widths, extrapolated (Richardson): the error falls as the fourth power
/// of the width, so that F64 leaves about ten correct digits.
final class FiniteDifferences {
    private static final double WIDTH = 0x1p-9;

    private FiniteDifferences() {}

    /// Derivative of `function` at `x` along every single element.
    static double[][] gradient(ToDoubleFunction<double[][]> function, double[][] x) {
        double[][] gradient = copy(x);
        double[][] along = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            along[i] = new double[x[i].length];
        }
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < x[i].length; j++) {
                along[i][j] = 1;
                gradient[i][j] =
                        derivative(
                                at -> new double[][] {{function.applyAsDouble(at)}}, x, along)[0][0];
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

    /// Fails with the worst element unless both agree within `tolerance` times the largest element or
    /// `size`, whichever is greater.
    static void requireClose(
            String what, double[][] expected, double[][] got, double tolerance, double size) {
        double scale = size;
        for (double[] values : expected) {
            for (double value : values) {
                scale = Math.max(scale, Math.abs(value));
            }
        }
        for (int i = 0; i < expected.length; i++) {
            for (int j = 0; j < expected[i].length; j++) {
                double error = Math.abs(expected[i][j] - got[i][j]);
                if (!(error <= tolerance * scale)) {
                    fail(
                            "%s: input %d element %d: expected %s, got %s, off by %.2e of %.2e"
                                    .formatted(
                                            what, i, j, expected[i][j], got[i][j], error, scale));
                }
            }
        }
    }
}
