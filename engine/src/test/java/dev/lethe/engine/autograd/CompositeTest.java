package dev.lethe.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd.Mode;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.FusedCases;
import dev.lethe.engine.contract.OpCase;
import dev.lethe.engine.contract.FormulaBackend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Composites are primitives alone, also where kernels exist, and a differentiable gradient is made
/// of primitives too.
class CompositeTest {
    static List<OpCase> cases() {
        return FusedCases.small();
    }

    private static Tensor[] leaves(Backend backend, OpCase subject) {
        double[][] x = subject.inputs();
        Tensor[] leaves = new Tensor[x.length];
        Arrays.setAll(
                leaves,
                i -> {
                    Shape shape = subject.shapes().get(i);
                    Tensor constant = Tensor.of(DType.F64, shape, x[i]);
                    return Tensor.leaf(backend, constant.buffer(), shape, true);
                });
        return leaves;
    }

    private static void requirePrimitives(Tensor y) {
        List<Op> ops = OpGradientTest.operations(y);
        assertTrue(ops.stream().allMatch(Primitive.class::isInstance), ops::toString);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void compositeHasNoFusedOperation(OpCase subject) {
        try (Backend backend = new FormulaBackend();
                TensorArena _ = backend.openStep()) {
            Tensor[] leaves = leaves(backend, subject);
            Tensor y = subject.function().apply(leaves);
            Fused op = (Fused) y.node().op();
            requirePrimitives(op.composite(leaves));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void withoutKernelsTheOperationIsItsComposite(OpCase subject) {
        try (Backend backend = new ReferenceBackend();
                TensorArena _ = backend.openStep()) {
            requirePrimitives(subject.function().apply(leaves(backend, subject)));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void differentiableGradientIsMadeOfPrimitives(OpCase subject) {
        try (Backend backend = new FormulaBackend();
                TensorArena _ = backend.openStep()) {
            Tensor[] leaves = leaves(backend, subject);
            Tensor y = subject.function().apply(leaves);
            Tensor seed = Tensor.filled(y.dtype(), y.shape(), 1);
            Gradients gradients =
                    Autograd.gradients(y, seed, List.of(leaves), Mode.DIFFERENTIABLE);
            for (Tensor leaf : leaves) {
                requirePrimitives(gradients.of(leaf));
            }
        }
    }

    @Test
    void walkThroughACompositeEndsAtItsAliases() {
        try (Backend backend = new ReferenceBackend();
                TensorArena _ = backend.openStep()) {
            Tensor constant = Tensor.of(DType.F64, Shape.of(3), 1, 2, 3);
            Tensor x = Tensor.leaf(backend, constant.buffer(), Shape.of(3), true);
            Tensor history = x;
            for (int i = 0; i < 100; i++) {
                history = Tanh.tanh(history);
            }
            Tensor alias = Alias.alias(history);
            Tensor y = Exp.exp(Tanh.tanh(alias));
            assertEquals(2, Autograd.reachable(y, List.of(alias)).size());
            assertEquals(103, Autograd.reachable(y, List.of(x)).size());
            assertEquals(103, Autograd.reachable(y, List.of(alias, x)).size());
        }
    }
}
