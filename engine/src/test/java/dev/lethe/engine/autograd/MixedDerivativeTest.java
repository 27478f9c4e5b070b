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
import dev.lethe.engine.kernelled.KernelledBackend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Derivatives of functions made of several operations, fused ones among them, to third order, and
/// those that have a closed form to fourth.
class MixedDerivativeTest {
    private static final Backend BACKEND = new KernelledBackend();

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
    void noGradientFlowsThroughWhatIsConstant() {
        try (TensorArena _ = BACKEND.openStep()) {
            Tensor constant = Tensor.of(DType.F64, Shape.of(3), 2, 0.5, -1);
            Tensor x = Tensor.leaf(BACKEND, constant.buffer(), Shape.of(3), true);
            Tensor y = sum(multiply(x, x.detach()));
            assertArrayEquals(
                    new double[] {2, 0.5, -1}, Autograd.gradients(y, List.of(x)).of(x).toDoubles());
            Tensor weight = Tensor.of(DType.F64, Shape.of(2, 3), 1, 2, 3, 4, -5, 6);
            Tensor row = Reshape.reshape(x, Shape.of(1, 3));
            Tensor teaching = multiply(row, row);
            double[] live = ofStudent(x, row, new LinearHead(teaching, weight, 0));
            double[] fixed = ofStudent(x, row, new LinearHead(teaching.detach(), weight, 0));
            assertArrayEquals(fixed, live);
            assertTrue(Math.abs(fixed[0]) > 1e-3, () -> Arrays.toString(fixed));
        }
    }

    /// Gradient by x of the distillation loss of a student on `row`.
    private static double[] ofStudent(Tensor x, Tensor row, LinearHead teacher) {
        LinearHead student = new LinearHead(row, teacher.weight(), 0);
        Tensor kl = LinearKl.linearKl(student, teacher, Tensor.ofInts(Shape.of(1), 1), 1);
        return Autograd.gradients(kl, List.of(x)).of(x).toDoubles();
    }
}
