package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Affine.affine;
import static dev.lethe.engine.autograd.Divide.divide;
import static dev.lethe.engine.autograd.Exp.exp;
import static dev.lethe.engine.autograd.Max.max;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Power.power;
import static dev.lethe.engine.autograd.ScaledBy.scaledBy;
import static dev.lethe.engine.autograd.Subtract.subtract;
import static dev.lethe.engine.autograd.Sum.sum;
import static dev.lethe.engine.autograd.Tanh.tanh;
import static dev.lethe.engine.autograd.Where.where;

import dev.lethe.engine.contract.OpCase;
import dev.lethe.engine.memory.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Calls of every arithmetic primitive; those that move elements are in [MovementCases].
final class PrimitiveCases {
    private static final Shape ONE = Shape.of(1);
    private static final Shape ROW = Shape.of(17);
    private static final Shape MATRIX = Shape.of(3, 5);
    private static final Shape CUBE = Shape.of(3, 1, 7);

    private PrimitiveCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>(MovementCases.all());
        cases.addAll(pairs());
        cases.addAll(single(Affine.class, x -> affine(x, -1.7, 0.4)));
        cases.addAll(
                single(ScaledBy.class, x -> scaledBy(x, Tensor.filled(x.dtype(), ONE, -1.7))));
        cases.addAll(single(Alias.class, Alias::alias));
        // to its own type, where differences see no rounding; CastTest has the others
        cases.addAll(single(Cast.class, x -> Cast.converted(x, x.dtype())));
        cases.addAll(single(Exp.class, Exp::exp));
        cases.addAll(single(Softmax.class, Softmax::softmax));
        cases.addAll(single(LogSoftmax.class, LogSoftmax::logSoftmax));
        cases.addAll(single(Tanh.class, Tanh::tanh));
        single(Log.class, Log::log).forEach(c -> cases.add(c.between(0.5, 2)));
        cases.addAll(powers());
        cases.addAll(reductions());
        cases.addAll(choices());
        return cases;
    }

    private static List<OpCase> single(Class<? extends Op> op, UnaryOperator<Tensor> function) {
        return Stream.of(Shape.scalar(), ONE, ROW, MATRIX, CUBE)
                .filter(shape -> shape.rank() > 0 || !rowWise(op))
                .map(shape -> OpCase.of(op, "", x -> function.apply(x[0]), shape))
                .toList();
    }

    private static boolean rowWise(Class<? extends Op> op) {
        return op == Softmax.class || op == LogSoftmax.class;
    }

    private static List<OpCase> pairs() {
        List<OpCase> cases = new ArrayList<>();
        Shape[][] shapes = {
            {ONE, ONE},
            {MATRIX, MATRIX},
            {MATRIX, Shape.of(5)},
            {Shape.of(3, 1), Shape.of(1, 5)},
            {Shape.scalar(), CUBE},
            {Shape.of(3, 1, 7), Shape.of(5, 1)}
        };
        for (Shape[] pair : shapes) {
            cases.add(OpCase.of(Add.class, "", x -> add(x[0], x[1]), pair));
            cases.add(OpCase.of(Subtract.class, "", x -> subtract(x[0], x[1]), pair));
            cases.add(OpCase.of(Multiply.class, "", x -> multiply(x[0], x[1]), pair));
            cases.add(OpCase.of(Divide.class, "", x -> divide(x[0], x[1]), pair).between(0.6, 2));
        }
        cases.add(OpCase.of(Add.class, "x + x", x -> add(x[0], x[0]), MATRIX));
        cases.add(OpCase.of(Subtract.class, "x - tanh x", x -> subtract(x[0], tanh(x[0])), ROW));
        cases.add(OpCase.of(Multiply.class, "x x", x -> multiply(x[0], x[0]), MATRIX));
        cases.add(
                OpCase.of(Divide.class, "x / exp x", x -> divide(x[0], exp(x[0])), MATRIX));
        return cases;
    }

    private static List<OpCase> powers() {
        List<OpCase> cases = new ArrayList<>();
        for (double exponent : new double[] {-1, -0.5, 0, 0.5, 1, 2, 3, 1.7}) {
            OpCase positive =
                    OpCase.of(Power.class, "^" + exponent, x -> power(x[0], exponent), MATRIX);
            cases.add(positive.between(0.5, 2));
        }
        for (int exponent : new int[] {1, 2, 3}) { // whole powers are smooth at 0 and below
            cases.add(OpCase.of(Power.class, "^" + exponent, x -> power(x[0], exponent), ROW));
            cases.add(
                    OpCase.of(Power.class, "at 0, ^" + exponent, x -> power(x[0], exponent), ROW)
                            .between(0, 0x1p-1000));
        }
        return cases;
    }

    private static List<OpCase> reductions() {
        List<OpCase> cases = new ArrayList<>();
        cases.add(OpCase.of(Sum.class, "of all", x -> sum(x[0]), CUBE));
        cases.add(OpCase.of(Sum.class, "of a scalar", x -> sum(x[0]), Shape.scalar()));
        for (Shape shape : List.of(ONE, ROW, MATRIX, Shape.of(3, 5, 7), CUBE)) {
            for (int axis = -1; axis < shape.rank() - 1; axis++) {
                int along = axis;
                cases.add(OpCase.of(Sum.class, "axis " + axis, x -> sum(x[0], along), shape));
                cases.add(OpCase.of(Max.class, "axis " + axis, x -> max(x[0], along), shape));
            }
        }
        return cases;
    }

    private static List<OpCase> choices() {
        return List.of(
                OpCase.of(
                        Where.class,
                        "elementwise",
                        x -> where(condition(x[0], MATRIX), x[0], x[1]),
                        MATRIX,
                        MATRIX),
                OpCase.of(
                        Where.class,
                        "broadcast",
                        x -> where(condition(x[0], CUBE), x[0], x[1]),
                        Shape.of(7),
                        Shape.of(3, 1, 1)),
                OpCase.of(
                        Where.class,
                        "one input twice",
                        x -> where(condition(x[0], ROW), x[0], multiply(x[0], x[0])),
                        ROW));
    }

    private static Tensor condition(Tensor like, Shape shape) {
        double[] marks = new double[Math.toIntExact(shape.size())];
        Arrays.setAll(marks, i -> i % 3 == 0 ? 0 : i - 4.5);
        return Tensor.of(like.dtype(), shape, marks);
    }
}
