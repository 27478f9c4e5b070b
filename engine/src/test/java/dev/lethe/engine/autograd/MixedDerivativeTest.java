package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.MatMul.linear;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Power.power;
import static dev.lethe.engine.autograd.RmsNorm.rmsNorm;
import static dev.lethe.engine.autograd.Sum.sum;
import static dev.lethe.engine.autograd.Tanh.tanh;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd.Mode;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.Differentiation;
import dev.lethe.engine.contract.OpCase;
import dev.lethe.engine.contract.FormulaBackend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Derivatives of functions made of several operations, fused ones among them, to third order, and
/// those that have a closed form to fourth.
class MixedDerivativeTest {
    private static final Backend BACKEND = new FormulaBackend();

    @AfterAll
    static void close() {
        BACKEND.close();
    }

    static List<OpCase> functions() {
        return List.of(
                OpCase.of(
                        Tanh.class,
                        "tanh(x w)^3",
                        x -> power(tanh(linear(x[0], x[1])), 3),
                        Shape.of(3, 5),
                        Shape.of(7, 5)),
                OpCase.of(
                        Attention.class,
                        "a block: norm, attention on itself, residual, norm",
                        x -> block(x[0], x[1]),
                        Shape.of(1, 3, 2, 4),
                        Shape.of(4)),
                OpCase.of(
                        LinearCrossEntropy.class,
                        "tied weights: embedded, normed, predicted",
                        x -> tied(x[0], x[1]),
                        Shape.of(7, 3),
                        Shape.of(3)));
    }

    private static Tensor block(Tensor x, Tensor w) {
        Tensor h = rmsNorm(x, w, 1e-2);
        Tensor turned = Rope.rope(h, 100, 3);
        Tensor y = new Attention(0.5, 1.5, 2).attend(turned, turned, h);
        return Geglu.geglu(Add.add(x, y), rmsNorm(y, w, 1e-2));
    }

    private static Tensor tied(Tensor embedding, Tensor w) {
        Tensor rows = Gather.gather(embedding, Tensor.ofInts(Shape.of(5), 1, 6, 1, 0, 3));
        LinearHead head = new LinearHead(rmsNorm(rows, w, 1e-2), embedding, 2);
        Tensor targets = Tensor.ofInts(Shape.of(5), 6, 1, -1, 3, 0);
        return LinearCrossEntropy.linearCrossEntropy(head, targets, 4);
    }

    @ParameterizedTest
    @MethodSource("functions")
    void allOrdersAreThoseOfDifferences(OpCase subject) {
        Differentiation d = new Differentiation(BACKEND, DType.F64, subject);
        double[][] x = subject.inputs();
        double[][] v = subject.direction();
        double[][] first = d.gradient(x, Mode.VALUES);
        FiniteDifferences.requireClose(
                "first", FiniteDifferences.gradient(d::loss, x), first, new double[][] {{1}});
        double[][] second = FiniteDifferences.derivative(at -> d.gradient(at, Mode.VALUES), x, v);
        FiniteDifferences.requireClose("second", second, d.second(x), first);
        double[][] third = FiniteDifferences.derivative(d::second, x, v);
        FiniteDifferences.requireClose("third", third, d.third(x), second);
    }

    @Test
    void derivativesOfTheFourthPowerAreExact() {
        try (TensorArena _ = BACKEND.openStep()) {
            Tensor constant = Tensor.of(DType.F64, Shape.of(3), 2, 0, -1);
            Tensor x = Tensor.leaf(BACKEND, constant.buffer(), Shape.of(3), true);
            Tensor derivative = multiply(multiply(x, x), multiply(x, x));
            double[][] expected = {{32, 0, -4}, {48, 0, 12}, {48, 0, -24}, {24, 24, 24}, {0, 0, 0}};
            for (double[] values : expected) {
                derivative =
                        Autograd.gradients(sum(derivative), List.of(x), Mode.DIFFERENTIABLE).of(x);
                assertArrayEquals(values, derivative.toDoubles());
            }
        }
    }

    @Test
    void tiesShareTheGradientOfAMaximum() {
        try (TensorArena _ = BACKEND.openStep()) {
            Tensor constant = Tensor.of(DType.F64, Shape.of(2, 4), 3, 3, 1, 3, 0, -2, 0, -5);
            Tensor x = Tensor.leaf(BACKEND, constant.buffer(), Shape.of(2, 4), true);
            Tensor seed = Tensor.of(DType.F64, Shape.of(2, 1), 6, 8);
            Tensor y = Max.max(x, 1);
            Gradients gradients = Autograd.gradients(y, seed, List.of(x), Mode.VALUES);
            assertArrayEquals(
                    new double[] {2, 2, 0, 2, 4, 0, 4, 0}, gradients.of(x).toDoubles());
        }
    }

    @Test
    void detachedFactorIsConstant() {
        try (TensorArena _ = BACKEND.openStep()) {
            Tensor constant = Tensor.of(DType.F64, Shape.of(3), 2, 0.5, -1);
            Tensor x = Tensor.leaf(BACKEND, constant.buffer(), Shape.of(3), true);
            Tensor y = sum(multiply(x, x.detach()));
            assertArrayEquals(
                    new double[] {2, 0.5, -1}, Autograd.gradients(y, List.of(x)).of(x).toDoubles());
        }
    }

    /// A teacher and a target that depend on x count as constants, in gradients and second derivatives,
    /// through kernels and through composites.
    @Test
    void nothingFlowsToTeacherAndTarget() {
        for (Backend backend : List.of(BACKEND, new ReferenceBackend())) {
            try (TensorArena _ = backend.openStep()) {
                Shape shape = Shape.of(1, 3);
                Tensor constant = Tensor.of(DType.F64, shape, 2, 0.5, -1);
                Tensor x = Tensor.leaf(backend, constant.buffer(), shape, true);
                Tensor weight = Tensor.of(DType.F64, Shape.of(2, 3), 1, 2, 3, 4, -5, 6);
                Tensor goal = multiply(x, x);
                assertArrayEquals(
                        derivatives(x, distilled(x, weight, goal.detach())),
                        derivatives(x, distilled(x, weight, goal)));
                assertArrayEquals(
                        derivatives(x, distance(x, goal.detach())),
                        derivatives(x, distance(x, goal)));
            }
        }
    }

    private static Tensor distilled(Tensor x, Tensor weight, Tensor teaching) {
        LinearHead teacher = new LinearHead(teaching, weight, 0);
        Tensor mask = Tensor.ofInts(Shape.of(1), 1);
        return LinearKl.linearKl(new LinearHead(x, weight, 0), teacher, mask, 1);
    }

    private static Tensor distance(Tensor x, Tensor target) {
        Tensor mask = Tensor.ofInts(Shape.of(1), 1);
        return MaskedMeanSquare.maskedMeanSquare(tanh(x), target, mask, 3);
    }

    /// Gradient, then the gradient of the gradient's sum.
    private static double[] derivatives(Tensor x, Tensor loss) {
        Tensor first = Autograd.gradients(loss, List.of(x), Mode.DIFFERENTIABLE).of(x);
        Tensor plain = Autograd.gradients(loss, List.of(x)).of(x);
        Tensor second = Autograd.gradients(sum(first), List.of(x)).of(x);
        return Stream.of(plain, first, second)
                .flatMapToDouble(tensor -> Arrays.stream(tensor.toDoubles()))
                .peek(value -> assertTrue(Math.abs(value) > 1e-6, "a real gradient"))
                .toArray();
    }
}
