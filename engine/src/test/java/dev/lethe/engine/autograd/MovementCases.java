package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Broadcast.broadcast;
import static dev.lethe.engine.autograd.Gather.gather;
import static dev.lethe.engine.autograd.MatMul.matMul;
import static dev.lethe.engine.autograd.Pad.pad;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.ScatterAdd.scatterAdd;
import static dev.lethe.engine.autograd.Slice.slice;
import static dev.lethe.engine.autograd.Transpose.transpose;

import dev.lethe.engine.contract.OpCase;
import dev.lethe.engine.memory.Shape;
import java.util.ArrayList;
import java.util.List;

/// Calls of the primitives that move elements, and of matrix products.
final class MovementCases {
    private MovementCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>(shapes());
        cases.addAll(rows());
        cases.addAll(products());
        return cases;
    }

    private static List<OpCase> shapes() {
        return List.of(
                OpCase.of(
                        Broadcast.class,
                        "of a scalar",
                        x -> broadcast(x[0], Shape.of(3, 5)),
                        Shape.scalar()),
                OpCase.of(
                        Broadcast.class,
                        "inside",
                        x -> broadcast(x[0], Shape.of(3, 5, 7)),
                        Shape.of(3, 1, 7)),
                OpCase.of(
                        Broadcast.class,
                        "at both ends",
                        x -> broadcast(x[0], Shape.of(3, 1, 5, 7)),
                        Shape.of(5, 1)),
                OpCase.of(Reshape.class, "", x -> reshape(x[0], Shape.of(5, 3)), Shape.of(3, 5)),
                OpCase.of(Reshape.class, "", x -> reshape(x[0], Shape.scalar()), Shape.of(1)),
                OpCase.of(Transpose.class, "", x -> transpose(x[0], 1, 0), Shape.of(3, 5)),
                OpCase.of(
                        Transpose.class,
                        "cyclic",
                        x -> transpose(x[0], 2, 0, 1),
                        Shape.of(3, 5, 7)),
                OpCase.of(
                        Transpose.class,
                        "of heads",
                        x -> transpose(x[0], 0, 2, 1, 3),
                        Shape.of(1, 3, 5, 2)),
                OpCase.of(Slice.class, "first axis", x -> slice(x[0], 0, 1, 3), Shape.of(5, 3)),
                OpCase.of(Slice.class, "middle", x -> slice(x[0], 1, 2, 3), Shape.of(3, 7, 1)),
                OpCase.of(Slice.class, "last axis", x -> slice(x[0], -1, 0, 1), Shape.of(3, 5)),
                OpCase.of(Slice.class, "all", x -> slice(x[0], 0, 0, 17), Shape.of(17)),
                OpCase.of(Pad.class, "first axis", x -> pad(x[0], 0, 2, 7), Shape.of(5, 3)),
                OpCase.of(Pad.class, "middle", x -> pad(x[0], 1, 0, 3), Shape.of(3, 1, 5)),
                OpCase.of(Pad.class, "last axis", x -> pad(x[0], -1, 1, 5), Shape.of(3, 3)));
    }

    private static List<OpCase> rows() {
        return List.of(
                OpCase.of(
                        Gather.class,
                        "repeated ids",
                        x -> gather(x[0], Tensor.ofInts(Shape.of(7), 2, 0, 2, 4, 2, 0, 1)),
                        Shape.of(5, 3)),
                OpCase.of(
                        Gather.class,
                        "ids [3,1]",
                        x -> gather(x[0], Tensor.ofInts(Shape.of(3, 1), 0, 0, 0)),
                        Shape.of(1, 1)),
                OpCase.of(
                        ScatterAdd.class,
                        "repeated ids",
                        x -> scatterAdd(x[0], Tensor.ofInts(Shape.of(5), 6, 0, 6, 3, 6), 7),
                        Shape.of(5, 3)),
                OpCase.of(
                        ScatterAdd.class,
                        "ids [3,1]",
                        x -> scatterAdd(x[0], Tensor.ofInts(Shape.of(3, 1), 2, 1, 1), 3),
                        Shape.of(3, 1, 5)));
    }

    private static List<OpCase> products() {
        List<OpCase> cases = new ArrayList<>();
        for (boolean left : new boolean[] {false, true}) {
            for (boolean right : new boolean[] {false, true}) {
                cases.add(product(left, right, new int[0], 3, 5, 7));
                cases.add(product(left, right, new int[0], 1, 1, 1));
                cases.add(product(left, right, new int[0], 1, 17, 3));
                cases.add(product(left, right, new int[] {3}, 5, 1, 3));
                cases.add(product(left, right, new int[] {1, 3}, 3, 5, 1));
            }
        }
        cases.add(
                OpCase.of(
                        MatMul.class,
                        "one matrix for all",
                        x -> matMul(x[0], x[1]),
                        Shape.of(3, 1, 5),
                        Shape.of(5, 7)));
        cases.add(
                OpCase.of(
                        MatMul.class,
                        "linear",
                        x -> MatMul.linear(x[0], x[1]),
                        Shape.of(1, 3, 5),
                        Shape.of(7, 5)));
        cases.add(
                OpCase.of(
                        MatMul.class,
                        "x^T x",
                        x -> matMul(x[0], x[0], true, false),
                        Shape.of(5, 3)));
        return cases;
    }

    /// `batch` products [m,k] x [k,n], stored transposed where asked.
    private static OpCase product(boolean left, boolean right, int[] batch, int... mkn) {
        Shape a = matrices(batch, left ? mkn[1] : mkn[0], left ? mkn[0] : mkn[1]);
        Shape b = matrices(batch, right ? mkn[2] : mkn[1], right ? mkn[1] : mkn[2]);
        String detail = (left ? "a^T " : "a ") + (right ? "b^T" : "b");
        return OpCase.of(MatMul.class, detail, x -> matMul(x[0], x[1], left, right), a, b);
    }

    private static Shape matrices(int[] batch, int rows, int columns) {
        int[] dims = new int[batch.length + 2];
        System.arraycopy(batch, 0, dims, 0, batch.length);
        dims[batch.length] = rows;
        dims[batch.length + 1] = columns;
        return Shape.of(dims);
    }
}
