package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.FiniteDifferences.requireClose;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd.Mode;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.Differentiation;
import dev.lethe.engine.contract.FusedCases;
import dev.lethe.engine.contract.OpCase;
import dev.lethe.engine.contract.FormulaBackend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every operation's first, second and third derivatives against finite differences in F64: the
/// gradient by every single element of the inputs, the others along a direction. Fused operations
/// run on kernels here.
class OpGradientTest {
    private static final Backend BACKEND = new FormulaBackend();

    static List<OpCase> cases() {
        return Stream.concat(PrimitiveCases.all().stream(), FusedCases.small().stream()).toList();
    }

    @AfterAll
    static void close() {
        BACKEND.close();
    }

    private static Differentiation differentiation(OpCase subject) {
        return new Differentiation(BACKEND, DType.F64, subject);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientIsThatOfDifferences(OpCase subject) {
        Differentiation d = differentiation(subject);
        double[][] x = subject.inputs();
        double[][] expected = FiniteDifferences.gradient(d::loss, x);
        double[][] loss = {{d.loss(x)}};
        requireClose("values", expected, d.gradient(x, Mode.VALUES), loss);
        requireClose("differentiable", expected, d.gradient(x, Mode.DIFFERENTIABLE), loss);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void secondDerivativeIsThatOfDifferences(OpCase subject) {
        Differentiation d = differentiation(subject);
        double[][] x = subject.inputs();
        double[][] expected =
                FiniteDifferences.derivative(
                        at -> d.gradient(at, Mode.VALUES), x, subject.direction());
        requireClose("second derivative", expected, d.second(x), d.gradient(x, Mode.VALUES));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void thirdDerivativeIsThatOfDifferences(OpCase subject) {
        Differentiation d = differentiation(subject);
        double[][] x = subject.inputs();
        double[][] expected = FiniteDifferences.derivative(d::second, x, subject.direction());
        requireClose("third derivative", expected, d.third(x), d.second(x));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void caseRunsTheOperationThatItNames(OpCase subject) {
        try (TensorArena _ = BACKEND.openStep()) {
            double[][] x = subject.inputs();
            Tensor[] leaves = new Tensor[x.length];
            for (int i = 0; i < x.length; i++) {
                Shape shape = subject.shapes().get(i);
                Tensor constant = Tensor.of(DType.F64, shape, x[i]);
                leaves[i] = Tensor.leaf(BACKEND, constant.buffer(), shape, true);
            }
            List<Op> ops = operations(subject.function().apply(leaves));
            assertTrue(ops.stream().anyMatch(subject.op()::isInstance), ops::toString);
        }
    }

    /// All operations behind a tensor.
    static List<Op> operations(Tensor y) {
        List<Op> ops = new ArrayList<>();
        Set<Node> seen = new HashSet<>();
        Deque<Tensor> open = new ArrayDeque<>(List.of(y));
        while (!open.isEmpty()) {
            Node node = open.pop().node();
            if (node != null && seen.add(node)) {
                ops.add(node.op());
                open.addAll(List.of(node.inputs()));
            }
        }
        return ops;
    }
}
