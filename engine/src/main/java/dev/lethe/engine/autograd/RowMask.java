package dev.lethe.engine.autograd;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.function.IntPredicate;

/// I32 row marks as a floating-point condition for [Where].
final class RowMask {
    private RowMask() {}

    /// `[rows, 1]` of ones and zeros.
    static Tensor column(DType dtype, Tensor perRow, IntPredicate counts) {
        int[] marks = perRow.toInts();
        double[] mask = new double[marks.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = counts.test(marks[i]) ? 1 : 0;
        }
        return Tensor.of(dtype, Shape.of(mask.length, 1), mask);
    }
}
