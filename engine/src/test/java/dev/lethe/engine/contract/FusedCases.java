package dev.lethe.engine.contract;

import static dev.lethe.engine.autograd.Geglu.geglu;
import static dev.lethe.engine.autograd.LinearCrossEntropy.linearCrossEntropy;
import static dev.lethe.engine.autograd.LinearKl.linearKl;
import static dev.lethe.engine.autograd.LinearUniformKl.linearUniformKl;
import static dev.lethe.engine.autograd.MaskedMeanSquare.maskedMeanSquare;
import static dev.lethe.engine.autograd.RmsNorm.rmsNorm;
import static dev.lethe.engine.autograd.Rope.rope;

import dev.lethe.engine.autograd.Attention;
import dev.lethe.engine.autograd.Geglu;
import dev.lethe.engine.autograd.LinearCrossEntropy;
import dev.lethe.engine.autograd.LinearHead;
import dev.lethe.engine.autograd.LinearKl;
import dev.lethe.engine.autograd.LinearUniformKl;
import dev.lethe.engine.autograd.MaskedMeanSquare;
import dev.lethe.engine.autograd.RmsNorm;
import dev.lethe.engine.autograd.Rope;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Calls of the fused operations: few elements for finite differences, and sizes around the lengths
/// of vector registers and chunks for kernels.
public final class FusedCases {
    private static final int ALL = Integer.MAX_VALUE;

    private FusedCases() {}

    /// At most about a hundred elements each.
    public static List<OpCase> small() {
        return Stream.of(
                        norms(Shape.of(1), Shape.of(3, 5), Shape.of(2, 3, 7), Shape.of(5, 1)),
                        ropes(Shape.of(1, 1, 1, 2), Shape.of(2, 3, 1, 6), Shape.of(1, 5, 3, 4)),
                        geglus(Shape.of(1), Shape.of(3, 5), Shape.of(17)),
                        Stream.of(
                                attention(new Attention(0.7, 0, ALL), 1, 1, 1, 1, 1, 1),
                                attention(new Attention(0.7, 0, ALL), 1, 3, 3, 1, 1, 5),
                                attention(new Attention(0.6, 1.3, ALL), 1, 3, 5, 3, 1, 3),
                                attention(new Attention(0.9, 0, 2), 2, 5, 5, 1, 1, 1),
                                attention(new Attention(0.9, 2, 3), 1, 5, 7, 2, 1, 2),
                                attention(new Attention(1.1, 0.8, 1), 1, 3, 3, 6, 3, 1),
                                attention(new Attention(0.4, 0, 5), 1, 1, 7, 2, 2, 3)),
                        heads(Shape.of(1, 1), 1, 0),
                        heads(Shape.of(5, 3), 7, 0),
                        heads(Shape.of(1, 5, 3), 17, 1.7),
                        heads(Shape.of(3, 1), 3, 0.9),
                        meanSquares(Shape.of(1, 1), Shape.of(5, 3), Shape.of(1, 3, 7)))
                .flatMap(cases -> cases)
                .toList();
    }

    /// Sizes beyond one vector register, one tile, one chunk of rows.
    public static List<OpCase> large() {
        return Stream.of(
                        norms(Shape.of(3, 33), Shape.of(7, 64), Shape.of(1, 257)),
                        ropes(Shape.of(2, 7, 3, 34), Shape.of(1, 65, 1, 16)),
                        geglus(Shape.of(3, 67), Shape.of(128), Shape.of(1023)),
                        Stream.of(
                                attention(new Attention(0.2, 50, ALL), 2, 33, 33, 4, 2, 16),
                                attention(new Attention(0.3, 0, 17), 1, 65, 65, 3, 1, 7),
                                attention(new Attention(0.2, 5, 8), 1, 9, 41, 2, 2, 33)),
                        heads(Shape.of(67, 17), 33, 0),
                        heads(Shape.of(2, 19, 32), 259, 30),
                        meanSquares(Shape.of(3, 33), Shape.of(2, 17, 65)))
                .flatMap(cases -> cases)
                .toList();
    }

    private static Stream<OpCase> norms(Shape... shapes) {
        return Arrays.stream(shapes)
                .map(
                        shape ->
                                OpCase.of(
                                        RmsNorm.class,
                                        "epsilon 1e-3",
                                        x -> rmsNorm(x[0], x[1], 1e-3),
                                        shape,
                                        Shape.of(shape.dim(-1))));
    }

    private static Stream<OpCase> ropes(Shape... shapes) {
        return Arrays.stream(shapes)
                .flatMap(
                        shape ->
                                Stream.of(0, 7)
                                        .map(
                                                first ->
                                                        OpCase.of(
                                                                Rope.class,
                                                                "from position " + first,
                                                                x -> rope(x[0], 10000, first),
                                                                shape)));
    }

    private static Stream<OpCase> geglus(Shape... shapes) {
        return Arrays.stream(shapes)
                .map(shape -> OpCase.of(Geglu.class, "", x -> geglu(x[0], x[1]), shape, shape));
    }

    private static OpCase attention(Attention op, int... dims) {
        int batch = dims[0];
        Shape q = Shape.of(batch, dims[1], dims[3], dims[5]);
        Shape k = Shape.of(batch, dims[2], dims[4], dims[5]);
        String detail = "cap %s window %d".formatted(op.softCap(), op.window());
        return OpCase.of(Attention.class, detail, x -> op.attend(x[0], x[1], x[2]), q, k, k);
    }

    /// The three heads at one size; rows 1, 4, 7 ... do not count, and in one case no row does.
    private static Stream<OpCase> heads(Shape hidden, int vocabulary, double cap) {
        int rows = hidden.rows();
        int width = hidden.dim(-1);
        Shape weight = Shape.of(vocabulary, width);
        double n = 0.7 * rows; // a part of a batch: the denominator is not the rows counted here
        String detail = "cap " + cap;
        return Stream.of(
                OpCase.of(
                        LinearCrossEntropy.class,
                        detail,
                        x ->
                                linearCrossEntropy(
                                        new LinearHead(x[0], x[1], cap),
                                        targets(rows, vocabulary, false),
                                        n),
                        hidden,
                        weight),
                OpCase.of(
                        LinearCrossEntropy.class,
                        "no row counts, " + detail,
                        x ->
                                linearCrossEntropy(
                                        new LinearHead(x[0], x[1], cap),
                                        targets(rows, vocabulary, true),
                                        n),
                        hidden,
                        weight),
                OpCase.of(
                        LinearKl.class,
                        detail,
                        x ->
                                linearKl(
                                        new LinearHead(x[0], x[1], cap),
                                        teacher(x[0].dtype(), rows, vocabulary),
                                        mask(rows),
                                        n),
                        hidden,
                        weight),
                OpCase.of(
                        LinearUniformKl.class,
                        detail,
                        x -> linearUniformKl(new LinearHead(x[0], x[1], cap), mask(rows), n),
                        hidden,
                        weight));
    }

    private static Stream<OpCase> meanSquares(Shape... shapes) {
        return Arrays.stream(shapes)
                .flatMap(
                        shape ->
                                Stream.of(Shape.of(shape.dim(-1)), shape)
                                        .map(target -> meanSquare(shape, target)));
    }

    private static OpCase meanSquare(Shape shape, Shape target) {
        return OpCase.of(
                MaskedMeanSquare.class,
                "target " + target,
                x -> maskedMeanSquare(x[0], waves(x[0].dtype(), target), mask(shape.rows()), 3.5),
                shape);
    }

    /// A teacher of another width and another cap than the student.
    private static LinearHead teacher(DType dtype, int rows, int vocabulary) {
        int width = 5;
        return new LinearHead(
                waves(dtype, Shape.of(rows, width)), waves(dtype, Shape.of(vocabulary, width)), 2);
    }

    private static Tensor waves(DType dtype, Shape shape) {
        double[] values = new double[Math.toIntExact(shape.size())];
        Arrays.setAll(values, i -> BFloat16.round(Math.sin(0.7 * i + 0.3))); // exact in every type
        return Tensor.of(dtype, shape, values);
    }

    private static Tensor mask(int rows) {
        int[] marks = new int[rows];
        Arrays.setAll(marks, i -> i % 3 == 1 ? 0 : 1 + i % 2);
        return Tensor.ofInts(Shape.of(rows), marks);
    }

    private static Tensor targets(int rows, int vocabulary, boolean none) {
        int[] targets = new int[rows];
        Arrays.setAll(targets, i -> none || i % 3 == 1 ? -1 - i : (5 * i + 2) % vocabulary);
        return Tensor.ofInts(Shape.of(rows), targets);
    }
}
