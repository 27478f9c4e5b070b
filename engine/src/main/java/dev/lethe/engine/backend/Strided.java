package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Shape;
import java.util.Arrays;

/// A contiguous array read in another order: element `(i, j, ...)` of the result lies at
/// `i strides[0] + j strides[1] + ...` of it. What [MovementKernels] makes of broadcasts and
/// transposes, with their checks.
///
/// @param dims of the result, outermost first
/// @param strides elements of the array between neighbours of the result; 0: the same one again
public record Strided(int[] dims, long[] strides) {
    /// Axes of length 1 repeated until the array has shape `to`.
    public static Strided broadcast(Shape from, Shape to) {
        if (from.rank() != to.rank()) {
            throw new IllegalArgumentException(
                    "broadcast: %s and %s must have one rank; reshape first".formatted(from, to));
        }
        long[] strides = from.strides();
        for (int axis = 0; axis < strides.length; axis++) {
            if (from.dim(axis) != to.dim(axis)) {
                if (from.dim(axis) != 1) {
                    throw new IllegalArgumentException(
                            "broadcast: %s must equal %s or be 1 on axis %d; reshape first"
                                    .formatted(from, to, axis));
                }
                strides[axis] = 0;
            }
        }
        return new Strided(to.dims(), strides);
    }

    /// Axis `i` of the result is axis `permutation[i]` of the array.
    public static Strided transpose(Shape from, int[] permutation) {
        int rank = from.rank();
        long[] strides = from.strides();
        int[] dims = new int[rank];
        long[] permuted = new long[rank];
        boolean[] seen = new boolean[rank];
        for (int axis = 0; axis < Math.min(rank, permutation.length); axis++) {
            int source = from.axis(permutation[axis]);
            seen[source] = true;
            dims[axis] = from.dim(source);
            permuted[axis] = strides[source];
        }
        for (boolean axis : seen) {
            if (!axis || permutation.length != rank) {
                throw new IllegalArgumentException(
                        "transpose: %s must name each axis of %s once"
                                .formatted(Arrays.toString(permutation), from));
            }
        }
        return new Strided(dims, permuted);
    }
}
