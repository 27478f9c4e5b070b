package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.Shape;

/// Sums and maxima along one axis, in an order fixed by the shape alone. BF16 is summed in F32 or
/// wider and each sum rounded once.
public interface ReduceKernels {
    /// `[outer, length, inner] -> [outer, inner]`; an empty sum is 0.
    void sum(Reduction reduction, Buffer x, Buffer y);

    /// As sum; an empty maximum is negative infinity; NaN wins.
    void max(Reduction reduction, Buffer x, Buffer y);

    record Reduction(int outer, int length, int inner) {
        public static Reduction along(Shape shape, int axis) {
            return new Reduction(
                    Math.toIntExact(shape.sizeBetween(0, axis)),
                    shape.dim(axis),
                    Math.toIntExact(shape.sizeBetween(axis + 1, shape.rank())));
        }
    }
}
