package dev.lethe.engine.autograd;

import dev.lethe.engine.memory.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Reorders axes: axis i of the output is axis `permutation[i]` of x. Gradient: g in the inverse order.
///
/// @param permutation each axis once
public record Transpose(List<Integer> permutation) implements Primitive {
    public static Tensor transpose(Tensor x, int... permutation) {
        int rank = x.shape().rank();
        int[] sorted = permutation.clone();
        Arrays.sort(sorted);
        if (!Arrays.equals(sorted, IntStream.range(0, rank).toArray())) {
            throw new IllegalArgumentException(
                    "transpose: %s needs each axis from 0 to %d once, got %s"
                            .formatted(x, rank - 1, Arrays.toString(permutation)));
        }
        int[] dims = new int[rank];
        Arrays.setAll(dims, i -> x.shape().dim(permutation[i]));
        Tensor y = Tensor.result("transpose", x.dtype(), Shape.of(dims), x);
        y.backend().movement().transpose(x.shape(), permutation, x.buffer(), y.buffer());
        return Node.record(
                new Transpose(Arrays.stream(permutation).boxed().toList()), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        int[] inverse = new int[permutation.size()];
        for (int i = 0; i < inverse.length; i++) {
            inverse[permutation.get(i)] = i;
        }
        return node.gradients(transpose(gradient, inverse));
    }
}
