package dev.lethe.engine.contract;

import dev.lethe.engine.backend.ReduceKernels.Reduction;
import dev.lethe.engine.contract.Workbench.Placement;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [dev.lethe.engine.backend.ReduceKernels].
public abstract class ReduceContract extends KernelContract {
    private static List<Reduction> reductions() {
        List<Reduction> reductions = new ArrayList<>();
        for (int length : Numbers.ODD_SIZES) {
            reductions.add(new Reduction(1, length, 1));
            reductions.add(new Reduction(3, length, 1));
            reductions.add(new Reduction(1, length, 17));
            reductions.add(new Reduction(2, length, 33));
        }
        reductions.add(new Reduction(67, 7, 1));
        reductions.add(new Reduction(1, 1031, 1));
        reductions.add(new Reduction(1, 1031, 3));
        reductions.add(new Reduction(3, 0, 2));
        reductions.add(new Reduction(0, 3, 2));
        return reductions;
    }

    private static Run sum(Reduction reduction) {
        return (bench, inputs) -> {
            Buffer y = bench.output((long) reduction.outer() * reduction.inner());
            bench.backend().reduce().sum(reduction, bench.input(inputs[0]), y);
            return bench.read(y);
        };
    }

    private static Run max(Reduction reduction) {
        return (bench, inputs) -> {
            Buffer y = bench.output((long) reduction.outer() * reduction.inner());
            bench.backend().reduce().max(reduction, bench.input(inputs[0]), y);
            return bench.read(y);
        };
    }

    private static double[] elements(Reduction reduction, DType dtype) {
        int count = reduction.outer() * reduction.length() * reduction.inner();
        return new Numbers(reduction.hashCode(), dtype).normal(1, count);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void sums(DType dtype) {
        for (Reduction reduction : reductions()) {
            double[] x = elements(reduction, dtype);
            Run run = sum(reduction);
            check("sum " + reduction, dtype, referenceOfSums(dtype, run, x), run, x);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void maxima(DType dtype) {
        for (Reduction reduction : reductions()) {
            double[] x = elements(reduction, dtype);
            checkExactly("max " + reduction, dtype, max(reduction), x);
            double[] negative = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                negative[i] = -Math.abs(x[i]);
            }
            checkExactly("max below 0 " + reduction, dtype, max(reduction), negative);
        }
    }

    /// Wherever in the axis they stand: NaN wins, infinities of both signs cancel to NaN.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void nanAndInfinityPropagate(DType dtype) {
        double[] intruders = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        for (int length : new int[] {1, 2, 7, 16, 33, 67}) {
            for (int position = 0; position < length; position++) {
                for (double intruder : intruders) {
                    Reduction reduction = new Reduction(2, length, 3);
                    double[] x = elements(reduction, dtype);
                    x[position * 3 + 1] = intruder;
                    x[0] = Double.NEGATIVE_INFINITY;
                    x[(length - 1) * 3] = Double.POSITIVE_INFINITY;
                    String what = "%s at %d of %d".formatted(intruder, position, length);
                    checkExactly("max with " + what, dtype, max(reduction), x);
                    Run run = sum(reduction);
                    check("sum with " + what, dtype, referenceOfSums(dtype, run, x), run, x);
                    Reduction row = new Reduction(1, length, 1);
                    double[] y = elements(row, dtype);
                    y[position] = intruder;
                    checkExactly("row max with " + what, dtype, max(row), y);
                    Run rowSum = sum(row);
                    Closeness expected = referenceOfSums(dtype, rowSum, y);
                    check("row sum with " + what, dtype, expected, rowSum, y);
                }
            }
        }
    }

    /// The order is fixed by the shape alone: not by the address, not by the call.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void sumsRepeatBitwise(DType dtype) {
        if (absent(dtype)) {
            return;
        }
        for (Reduction reduction : reductions()) {
            double[] x = elements(reduction, dtype);
            double[] first = run(tested(), dtype, Placement.ALIGNED, sum(reduction), x);
            for (Placement placement : Placement.values()) {
                Assertions.assertArrayEquals(
                        first,
                        run(tested(), dtype, placement, sum(reduction), x),
                        () -> reduction + " on " + placement + " addresses");
            }
        }
    }
}
