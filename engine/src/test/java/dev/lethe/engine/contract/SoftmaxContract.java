package dev.lethe.engine.contract;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [dev.lethe.engine.backend.SoftmaxKernels].
public abstract class SoftmaxContract extends KernelContract {
    private static Run softmax(int width) {
        return (bench, inputs) -> {
            Buffer y = bench.output(inputs[0].length);
            bench.backend().softmax().softmax(width, bench.input(inputs[0]), y);
            return bench.read(y);
        };
    }

    private static Run logSoftmax(int width) {
        return (bench, inputs) -> {
            Buffer y = bench.output(inputs[0].length);
            bench.backend().softmax().logSoftmax(width, bench.input(inputs[0]), y);
            return bench.read(y);
        };
    }

    /// Both functions. Rounding `x - max` costs as many units in the last place as that is large.
    private void checkBoth(String what, DType dtype, int width, double[] x) {
        Closeness softmax = reference(dtype, softmax(width), x);
        Closeness logSoftmax = reference(dtype, logSoftmax(width), x);
        double[] relative = new double[x.length];
        double[] absolute = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double max = Double.NEGATIVE_INFINITY;
            for (int j = i / width * width; j < (i / width + 1) * width; j++) {
                max = Math.max(max, x[j]);
            }
            absolute[i] = max - x[i] + 1 + Math.log(width);
            relative[i] = softmax.truth()[i] * absolute[i];
        }
        check("softmax " + what, dtype, softmax.withMagnitude(relative), softmax(width), x);
        check(
                "logSoftmax " + what,
                dtype,
                logSoftmax.withMagnitude(absolute),
                logSoftmax(width),
                x);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void rows(DType dtype) {
        for (int width : Numbers.ODD_SIZES) {
            for (int rows : new int[] {1, 3, 17}) {
                double[] x = new Numbers(width, dtype).normal(3, rows * width);
                checkBoth("%d x %d".formatted(rows, width), dtype, width, x);
            }
        }
        checkBoth("no rows", dtype, 7, new double[0]);
        checkBoth("2 x 1031", dtype, 1031, new Numbers(2, dtype).normal(1, 2 * 1031));
    }

    /// The maximum is subtracted first: neither overflow above nor a sum of zeros below.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void largeElementsDoNotOverflow(DType dtype) {
        for (double shift : new double[] {-1e4, 1e4}) {
            double[] x = new Numbers(4, dtype).normal(30, 2 * 33);
            for (int i = 0; i < x.length; i++) {
                x[i] = Numbers.exact(dtype, x[i] + shift)[0];
            }
            checkBoth("shifted by " + shift, dtype, 33, x);
            if (!absent(dtype)) {
                double[] y = run(tested(), dtype, Workbench.Placement.ALIGNED, softmax(33), x);
                Assertions.assertEquals(2, sum(y), 66 * dtype.epsilon());
            }
        }
    }

    /// Negative infinity is a masked element of probability 0; NaN and infinity spoil their
    /// row and no other, and so does a row of negative infinity alone.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void nanAndInfinityPropagate(DType dtype) {
        double[] intruders = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        for (int width : new int[] {1, 2, 7, 16, 33, 67}) {
            for (int position = 0; position < width; position++) {
                for (double intruder : intruders) {
                    double[] x = new Numbers(width, dtype).normal(1, 3 * width);
                    x[width + position] = intruder;
                    checkBoth("%s at %d".formatted(intruder, position), dtype, width, x);
                }
            }
        }
    }
}
