package dev.lethe.engine.contract;

import dev.lethe.engine.backend.ElementwiseKernels.Binary;
import dev.lethe.engine.backend.ElementwiseKernels.Unary;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [dev.lethe.engine.backend.ElementwiseKernels].
public abstract class ElementwiseContract extends KernelContract {
    private static final double[] SPECIAL = {
        0, -0.0, 1, -1, 0.5, -2, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_NORMAL, 1e-6, -1e-6,
        20, -20, 90, -90, 800, -800,
        Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN
    };

    /// Every special value beside every other.
    private static double[][] specialPairs(DType dtype) {
        double[] values = Numbers.exact(dtype, SPECIAL);
        double[] left = new double[values.length * values.length];
        double[] right = new double[left.length];
        for (int i = 0; i < left.length; i++) {
            left[i] = values[i / values.length];
            right[i] = values[i % values.length];
        }
        return new double[][] {left, right};
    }

    private void checkUnary(Unary function, DType dtype, double[] x) {
        Run run =
                (bench, inputs) -> {
                    Buffer y = bench.output(inputs[0].length);
                    bench.backend().elementwise().unary(function, bench.input(inputs[0]), y);
                    return bench.read(y);
                };
        String what = "%s of %d".formatted(function, x.length);
        check(what, dtype, reference(dtype, run, x), run, x);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void unaryFunctions(DType dtype) {
        for (Unary function : Unary.values()) {
            for (int size : Numbers.ODD_SIZES) {
                Numbers numbers = new Numbers(size, dtype);
                double[] x =
                        switch (function) {
                            case EXP, TANH -> numbers.normal(4, size);
                            case LOG -> numbers.uniform(1e-3, 50, size);
                        };
                checkUnary(function, dtype, x);
            }
            checkUnary(function, dtype, Numbers.exact(dtype, SPECIAL));
            checkUnary(function, dtype, new Numbers(5, dtype).uniform(0.9, 1.1, 500));
            checkUnary(function, dtype, new Numbers(6, dtype).uniform(-0.01, 0.01, 500));
            checkUnary(function, dtype, new Numbers(7, dtype).uniform(-110, 110, 2000));
            checkUnary(function, dtype, new double[0]);
        }
    }

    private void checkBinary(Binary function, DType dtype, double[] a, double[] b) {
        Run run =
                (bench, inputs) -> {
                    Buffer y = bench.output(inputs[0].length);
                    Buffer left = bench.input(inputs[0]);
                    bench.backend()
                            .elementwise()
                            .binary(function, left, bench.input(inputs[1]), y);
                    return bench.read(y);
                };
        // One correctly rounded operation: its bits, nothing less.
        checkRounded("%s of %d".formatted(function, a.length), dtype, run, a, b);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void binaryFunctions(DType dtype) {
        for (Binary function : Binary.values()) {
            for (int size : Numbers.ODD_SIZES) {
                Numbers numbers = new Numbers(size, dtype);
                double[] a = numbers.normal(1, size);
                double[] b = numbers.normal(1, size);
                b[size / 2] = a[size / 2];
                checkBinary(function, dtype, a, b);
            }
            double[][] pairs = specialPairs(dtype);
            checkBinary(function, dtype, pairs[0], pairs[1]);
            checkBinary(function, dtype, new double[0], new double[0]);
        }
    }

    /// One argument may be read twice.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void bothOperandsMayBeOneBuffer(DType dtype) {
        Run run =
                (bench, inputs) -> {
                    Buffer x = bench.input(inputs[0]);
                    Buffer y = bench.output(inputs[0].length);
                    bench.backend().elementwise().binary(Binary.MULTIPLY, x, x, y);
                    return bench.read(y);
                };
        checkRounded("x x", dtype, run, new Numbers(1, dtype).normal(1, 67));
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void addToAccumulates(DType dtype) {
        Run run =
                (bench, inputs) -> {
                    Buffer y = bench.changing(inputs[1]);
                    bench.backend().elementwise().addTo(bench.input(inputs[0]), y);
                    return bench.read(y);
                };
        for (int size : Numbers.ODD_SIZES) {
            Numbers numbers = new Numbers(size, dtype);
            double[] x = numbers.normal(1, size);
            double[] y = numbers.normal(1, size);
            checkRounded("addTo of " + size, dtype, run, x, y);
            x[0] = Double.NaN;
            y[size - 1] = Double.NEGATIVE_INFINITY;
            checkRounded("addTo of " + size + " with NaN", dtype, run, x, y);
        }
        checkExactly("addTo of 0", dtype, run, new double[0], new double[0]);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void affine(DType dtype) {
        double[][] coefficients = {{1, 0}, {-1, 0}, {0, 3}, {0.1, -0.7}, {1e-3, 1e3}, {2, 0.5}};
        for (double[] pair : coefficients) {
            Run run =
                    (bench, inputs) -> {
                        Buffer y = bench.output(inputs[0].length);
                        bench.backend()
                                .elementwise()
                                .affine(pair[0], pair[1], bench.input(inputs[0]), y);
                        return bench.read(y);
                    };
            for (int size : Numbers.ODD_SIZES) {
                double[] x = new Numbers(size, dtype).normal(2, size);
                checkAffine(pair, dtype, run, x);
            }
            checkAffine(pair, dtype, run, Numbers.exact(dtype, SPECIAL));
        }
    }

    /// The bits of [#affine] without shift.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void scale(DType dtype) {
        for (double factor : new double[] {1, -1, 0, 0.1, -1e-3, 3e5, Double.POSITIVE_INFINITY}) {
            double exact = Numbers.exact(dtype.accumulator(), factor)[0];
            for (double[] x :
                    new double[][] {
                        new Numbers(67, dtype).normal(2, 67), Numbers.exact(dtype, SPECIAL), {}
                    }) {
                if (absent(dtype)) {
                    return;
                }
                for (Workbench.Placement placement : Workbench.Placement.values()) {
                    try (Workbench bench = new Workbench(tested(), dtype, placement)) {
                        Buffer y = bench.output(x.length);
                        Buffer expected = bench.output(x.length);
                        Buffer in = bench.input(x);
                        Buffer by = bench.input(dtype.accumulator(), exact);
                        tested().elementwise().scale(by, in, y);
                        tested().elementwise().affine(exact, 0, in, expected);
                        Assertions.assertArrayEquals(
                                bench.read(expected), bench.read(y), exact + " x");
                    }
                }
            }
        }
    }

    private void checkAffine(double[] pair, DType dtype, Run run, double[] x) {
        double[] magnitude = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            magnitude[i] = Math.abs(pair[0] * x[i]) + Math.abs(pair[1]);
        }
        String what = "%s x + %s, %d elements".formatted(pair[0], pair[1], x.length);
        check(what, dtype, reference(dtype, run, x).withMagnitude(magnitude), run, x);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void powers(DType dtype) {
        for (double exponent : new double[] {-1, -0.5, 0, 0.5, 1, 2, 3, 1.7, -3}) {
            for (int size : Numbers.ODD_SIZES) {
                checkPower(exponent, dtype, new Numbers(size, dtype).uniform(0.01, 30, size));
            }
            checkPower(exponent, dtype, new Numbers(3, dtype).normal(2, 33));
            checkPower(exponent, dtype, Numbers.exact(dtype, SPECIAL));
        }
    }

    /// A power may be taken as `exp(exponent log x)`, whose error grows with that product.
    private void checkPower(double exponent, DType dtype, double[] x) {
        Run run =
                (bench, inputs) -> {
                    Buffer y = bench.output(inputs[0].length);
                    bench.backend().elementwise().power(exponent, bench.input(inputs[0]), y);
                    return bench.read(y);
                };
        Closeness expected = reference(dtype, run, x);
        double[] magnitude = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double stretch = x[i] == 0 ? 0 : Math.abs(exponent * Math.log(Math.abs(x[i])));
            magnitude[i] = expected.truth()[i] * (1 + stretch);
        }
        String what = "x ^ %s, %d elements".formatted(exponent, x.length);
        check(what, dtype, expected.withMagnitude(magnitude), run, x);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void whereTakesWholeElements(DType dtype) {
        Run run =
                (bench, inputs) -> {
                    Buffer y = bench.output(inputs[0].length);
                    Buffer condition = bench.input(inputs[0]);
                    Buffer a = bench.input(inputs[1]);
                    Buffer b = bench.input(inputs[2]);
                    bench.backend().elementwise().where(condition, a, b, y);
                    return bench.read(y);
                };
        for (int size : Numbers.ODD_SIZES) {
            Numbers numbers = new Numbers(size, dtype);
            double[] condition = numbers.normal(1, size);
            for (int i = 0; i < size; i += 2) {
                condition[i] = i % 4 == 0 ? 0 : -0.0;
            }
            checkExactly(
                    "where of " + size,
                    dtype,
                    run,
                    condition,
                    numbers.normal(1, size),
                    numbers.normal(1, size));
        }
        double[] condition = {0, 1, Double.NaN, Double.POSITIVE_INFINITY, 0, 1};
        double[] a = {Double.NaN, 2, 3, 4, Double.POSITIVE_INFINITY, Double.NaN};
        double[] b = {1, Double.NaN, 7, Double.NaN, 8, 9};
        checkExactly("where of special values", dtype, run, condition, a, b);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void fill(DType dtype) {
        for (int size : Numbers.ODD_SIZES) {
            for (double value : new double[] {0, -0.0, 0.1, Double.NaN, -1.0 / 0}) {
                Run run =
                        (bench, inputs) -> {
                            Buffer y = bench.output(size);
                            bench.backend().elementwise().fill(value, y);
                            return bench.read(y);
                        };
                checkExactly("fill %d with %s".formatted(size, value), dtype, run);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void copyConverts(DType from) {
        for (DType to : new DType[] {DType.F32, DType.F64, DType.BF16}) {
            if (absent(to)) {
                continue;
            }
            Run run =
                    (bench, inputs) -> {
                        Buffer y = bench.output(to, inputs[0].length);
                        bench.backend().elementwise().copy(bench.input(inputs[0]), y);
                        return bench.read(y);
                    };
            for (int size : Numbers.ODD_SIZES) {
                double[] x = new Numbers(size, from).normal(1, size);
                checkExactly("copy of %d to %s".formatted(size, to), from, run, x);
            }
            checkExactly("copy to " + to, from, run, Numbers.exact(from, SPECIAL));
            double[] ties = {1 + 0x1p-24, 1 + 3 * 0x1p-24, 1e300, -1e300, 0.1};
            checkExactly("ties to " + to, from, run, Numbers.exact(from, ties));
            // to BF16 from F64 in one step: by way of F32 each of these would end on the tie
            double[] beside = {1 + 0x1p-8 + 0x1p-40, -1 - 0x1p-8 - 0x1p-40, 1 + 0x3p-8 - 0x1p-40};
            checkExactly("beside ties to " + to, from, run, Numbers.exact(from, beside));
        }
    }

    @Test
    void buffersOfWrongSizeOrTypeAreRefused() {
        try (Workbench bench = new Workbench(tested(), DType.F32, Workbench.Placement.ALIGNED)) {
            Buffer x = bench.input(new double[7]);
            Buffer shorter = bench.output(6);
            Buffer wider = bench.output(DType.F64, 7);
            for (Buffer y : new Buffer[] {shorter, wider}) {
                refused(() -> tested().elementwise().unary(Unary.EXP, x, y));
                refused(() -> tested().elementwise().binary(Binary.ADD, x, x, y));
                refused(() -> tested().elementwise().affine(1, 1, x, y));
                refused(() -> tested().elementwise().power(2, x, y));
                refused(() -> tested().elementwise().scale(x.slice(0, 1), x, y));
                refused(() -> tested().elementwise().where(x, x, x, y));
            }
            refused(() -> tested().elementwise().copy(x, shorter));
        }
    }

    private static void refused(Runnable call) {
        Assertions.assertThrows(IllegalArgumentException.class, call::run);
    }
}
