package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.backend.RmsNormKernels.Rows;
import dev.lethe.engine.backend.RmsNormKernels.Saved;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [RmsNormKernels].
public abstract class RmsNormContract extends FusedContract<RmsNormKernels> {
    @Override
    final Optional<RmsNormKernels> kernels(Backend backend, DType dtype) {
        return backend.rmsNorm(dtype);
    }

    /// One set of inputs with the truth and the same at the tested precision.
    private record Case(Rows rows, DType dtype, double[] x, double[] weight, double[] dy) {
        static Case random(int count, int width, DType dtype) {
            Numbers numbers = new Numbers(count * 1000L + width, dtype);
            return new Case(
                    new Rows(count, width, 1e-6),
                    dtype,
                    numbers.normal(2, count * width),
                    numbers.normal(0.3, width),
                    numbers.normal(1, count * width));
        }

        RmsNormFormula at(Precision precision) {
            return RmsNormFormula.of(precision, rows, x, weight, dy);
        }

        RmsNormFormula truth() {
            return at(Precision.DOUBLE);
        }

        RmsNormFormula plain() {
            return at(Precision.of(dtype));
        }

        /// `dx` is a difference of terms of this size.
        double size() {
            double largest = 0;
            for (double r : truth().inverseRms()) {
                largest = Double.isFinite(r) ? Math.max(largest, r) : largest;
            }
            return largest * Numbers.rms(dy);
        }
    }

    private void check(Case one, boolean wantX, boolean wantWeight) {
        RmsNormFormula truth = one.truth();
        RmsNormFormula plain = one.plain();
        String what = "rmsNorm " + one.rows;
        verify(
                one.dtype,
                (kernels, bench) -> {
                    Buffer x = bench.input(one.x);
                    Buffer weight = bench.input(one.weight);
                    Buffer y = bench.output(one.x.length);
                    DType statistics = one.dtype.accumulator();
                    Buffer inverseRms = bench.output(statistics, one.rows.count());
                    kernels.forward(one.rows, x, weight, y, inverseRms);
                    Closeness.relative(truth.y(), plain.y())
                            .check(what + " y", one.dtype, bench.read(y));
                    double[] r = bench.read(inverseRms);
                    Closeness.relative(truth.inverseRms(), plain.inverseRms())
                            .check(what + " inverseRms", statistics, r);
                    Saved saved = new Saved(x, weight, bench.input(statistics, r));
                    Buffer dy = bench.input(one.dy);
                    Buffer dx = wantX ? bench.output(one.x.length) : null;
                    Buffer dWeight = wantWeight ? bench.output(one.weight.length) : null;
                    kernels.backward(one.rows, saved, dy, dx, dWeight);
                    if (wantX) {
                        Closeness.uniform(truth.dx(), plain.dx(), one.size())
                                .check(what + " dx", one.dtype, bench.read(dx));
                    }
                    if (wantWeight) {
                        double floor = Math.sqrt(one.rows.count());
                        Closeness.uniform(truth.dWeight(), plain.dWeight(), floor)
                                .check(what + " dWeight", one.dtype, bench.read(dWeight));
                    }
                });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void forwardAndBackward(DType dtype) {
        for (int width : Numbers.ODD_SIZES) {
            for (int count : new int[] {1, 3, 17}) {
                check(Case.random(count, width, dtype), true, true);
            }
        }
        check(Case.random(67, 640, dtype), true, true);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void gradientsThatAreNotWantedAreNull(DType dtype) {
        Case one = Case.random(7, 33, dtype);
        check(one, true, false);
        check(one, false, true);
        check(one, false, false);
    }

    /// A row of zeros is divided by the root of epsilon alone.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void zeroRowsStayFinite(DType dtype) {
        Case one = Case.random(3, 17, dtype);
        Arrays.fill(one.x, 17, 34, 0);
        check(one, true, true);
        Assertions.assertEquals(1e3, one.truth().inverseRms()[1], 1e-9);
    }

    /// NaN spoils its own row of y and dx, and every element of dWeight.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void nanPropagates(DType dtype) {
        for (int width : new int[] {1, 7, 16, 67}) {
            Case one = Case.random(3, width, dtype);
            one.x[width + width / 2] = Double.NaN;
            check(one, true, true);
        }
    }
}
