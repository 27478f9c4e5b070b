package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.MeanSquareKernels;
import dev.lethe.engine.backend.MeanSquareKernels.Saved;
import dev.lethe.engine.contract.MeanSquareFormula.Inputs;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [MeanSquareKernels].
public abstract class MeanSquareContract extends FusedContract<MeanSquareKernels> {
    private static final double SCALE = 0.37;
    private static final double D_LOSS = -1.25;

    @Override
    final Optional<MeanSquareKernels> kernels(Backend backend, DType dtype) {
        return backend.meanSquare(dtype);
    }

    private static Inputs inputs(DType dtype, int rows, int targetRows, int width) {
        Numbers numbers = new Numbers(rows * 1000L + width, dtype);
        return new Inputs(
                width,
                numbers.normal(2, rows * width),
                numbers.normal(1, targetRows * width),
                numbers.ids(0, 3, rows));
    }

    private void check(DType dtype, Inputs in) {
        MeanSquareFormula truth = MeanSquareFormula.of(Precision.DOUBLE, in, SCALE, D_LOSS);
        MeanSquareFormula plain =
                MeanSquareFormula.of(Precision.of(dtype), in, SCALE, D_LOSS);
        String what = "meanSquare %d x %d".formatted(in.mask().length, in.width());
        verify(
                dtype,
                (kernels, bench) -> {
                    Buffer x = bench.input(in.x());
                    Buffer target = bench.input(in.target());
                    Buffer mask = bench.ids(in.mask());
                    Buffer loss = bench.output(dtype.accumulator(), 1);
                    Buffer dx = bench.output(in.x().length);
                    kernels.forward(in.width(), x, target, mask, Factor.of(SCALE), loss);
                    Closeness.relative(
                                    new double[] {truth.loss()}, new double[] {plain.loss()})
                            .check(what + " loss", dtype.accumulator(), bench.read(loss));
                    Saved saved = new Saved(in.width(), x, target, mask);
                    Buffer dLoss = bench.input(dtype.accumulator(), D_LOSS);
                    kernels.backward(saved, Factor.of(SCALE), dLoss, dx);
                    Closeness.relative(truth.dx(), plain.dx())
                            .check(what + " dx", dtype, bench.read(dx));
                    // by value or from memory, the scale is the same number
                    Factor inMemory = new Factor(SCALE, bench.input(DType.F64, SCALE));
                    Buffer again = bench.output(dtype.accumulator(), 1);
                    Buffer dxAgain = bench.output(in.x().length);
                    kernels.forward(in.width(), x, target, mask, inMemory, again);
                    kernels.backward(saved, inMemory, dLoss, dxAgain);
                    Assertions.assertArrayEquals(bench.read(loss), bench.read(again), what);
                    Assertions.assertArrayEquals(bench.read(dx), bench.read(dxAgain), what);
                });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void forwardAndBackward(DType dtype) {
        for (int width : Numbers.ODD_SIZES) {
            for (int rows : new int[] {1, 3, 17}) {
                check(dtype, inputs(dtype, rows, rows, width));
                check(dtype, inputs(dtype, rows, 1, width)); // one target for all
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void maskedRowsCountNothing(DType dtype) {
        for (int targetRows : new int[] {1, 7}) {
            Inputs in = inputs(dtype, 7, targetRows, 33);
            Arrays.fill(in.mask(), 0);
            check(dtype, in);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void nanAndInfinityPropagate(DType dtype) {
        double[] intruders = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        for (double intruder : intruders) {
            for (int position = 0; position < 33; position++) {
                Inputs in = inputs(dtype, 3, 3, 33);
                Arrays.fill(in.mask(), 1);
                in.x()[33 + position] = intruder;
                check(dtype, in);
            }
        }
    }
}
