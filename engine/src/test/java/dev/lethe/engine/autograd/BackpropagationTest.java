package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Gather.gather;
import static dev.lethe.engine.autograd.Geglu.geglu;
import static dev.lethe.engine.autograd.LinearCrossEntropy.linearCrossEntropy;
import static dev.lethe.engine.autograd.MatMul.linear;
import static dev.lethe.engine.autograd.MatMul.matMul;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.RmsNorm.rmsNorm;
import static dev.lethe.engine.autograd.Subtract.subtract;
import static dev.lethe.engine.autograd.Sum.sum;
import static dev.lethe.engine.autograd.Tanh.tanh;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.FormulaBackend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The consuming walk gives the gradients of the plain one, wherever they meet, alias or arrive.
class BackpropagationTest {
    private static final Shape SQUARE = Shape.of(4, 4);

    private final FormulaBackend backend = new FormulaBackend();
    private final SplittableRandom random = new SplittableRandom(5);
    private TensorArena kept;

    @BeforeEach
    void open() {
        kept = backend.openLongLived();
    }

    @AfterEach
    void close() {
        kept.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private Tensor leaf(Shape shape) {
        Tensor leaf =
                Tensor.leaf(backend, kept.allocate(DType.F64, shape.size()), shape, true);
        try (TensorArena _ = backend.openStep()) {
            double[] values = random.doubles(shape.size(), -1, 1).toArray();
            backend.elementwise()
                    .copy(Tensor.of(DType.F64, shape, values).buffer(), leaf.buffer());
        }
        return leaf;
    }

    private Tensor memoryLike(Tensor tensor) {
        Tensor memory =
                Tensor.leaf(
                        backend,
                        kept.allocate(DType.F64, tensor.shape().size()),
                        tensor.shape(),
                        false);
        backend.elementwise().fill(Double.NaN, memory.buffer());
        return memory;
    }

    /// Compares the two walks on the graph that `model` makes of leaves of these shapes.
    private void requireSame(Function<Tensor[], Tensor> model, Shape... shapes) {
        Tensor[] leaves = new Tensor[shapes.length];
        List<Tensor> into = new ArrayList<>();
        for (int i = 0; i < shapes.length; i++) {
            leaves[i] = leaf(shapes[i]);
            into.add(memoryLike(leaves[i]));
        }
        List<double[]> expected = new ArrayList<>();
        try (TensorArena _ = backend.openStep()) {
            Gradients plain = Autograd.gradients(model.apply(leaves), List.of(leaves));
            for (Tensor leaf : leaves) {
                expected.add(plain.of(leaf).toDoubles());
            }
        }
        try (TensorArena _ = backend.openStep()) {
            Autograd.backpropagate(model.apply(leaves), List.of(leaves), into);
        }
        for (int i = 0; i < shapes.length; i++) {
            double[] found = into.get(i).toDoubles();
            for (int j = 0; j < found.length; j++) {
                double scale = Math.max(1, Math.abs(expected.get(i)[j]));
                assertEquals(expected.get(i)[j], found[j], 1e-14 * scale, "leaf " + i);
            }
        }
    }

    @Test
    void gradientsThatMeet() {
        requireSame(
                in -> {
                    Tensor x = tanh(in[0]);
                    return sum(
                            add(multiply(linear(x, in[1]), linear(x, in[2])), linear(x, in[1])));
                },
                SQUARE,
                SQUARE,
                SQUARE);
    }

    @Test
    void oneGradientForBothInputsAndForThoseBehind() {
        requireSame(
                in -> {
                    Tensor y = add(in[0], in[0]);
                    Tensor z = add(y, reshape(reshape(y, Shape.of(16)), SQUARE));
                    return sum(subtract(multiply(z, in[1]), add(y, z)));
                },
                SQUARE,
                SQUARE);
    }

    @Test
    void residualStreamThroughNormsAndGates() {
        requireSame(
                in -> {
                    Tensor x = gather(in[0], Tensor.ofInts(Shape.of(2, 3), 1, 0, 3, 3, 3, 2));
                    Tensor h = add(x, rmsNorm(linear(x, in[1]), in[2], 1e-6));
                    Tensor n = rmsNorm(h, in[2], 1e-6);
                    Tensor y = add(h, linear(geglu(linear(n, in[3]), linear(n, in[1])), in[4]));
                    return sum(tanh(linear(y, in[0])));
                },
                SQUARE,
                SQUARE,
                Shape.of(4),
                SQUARE,
                SQUARE);
    }

    @Test
    void everyFormOfProductAddsAndOverwrites() {
        for (boolean transposeA : List.of(false, true)) {
            for (boolean transposeB : List.of(false, true)) {
                Shape a = transposeA ? Shape.of(2, 3, 5) : Shape.of(2, 5, 3);
                Shape b = transposeB ? Shape.of(2, 4, 3) : Shape.of(2, 3, 4);
                requireSame(
                        in -> {
                            Tensor y = matMul(in[0], in[1], transposeA, transposeB);
                            return sum(multiply(y, matMul(in[0], in[1], transposeA, transposeB)));
                        },
                        a,
                        b);
                if (!transposeA) { // one matrix for all leading axes
                    requireSame(
                            in -> {
                                Tensor x = tanh(in[0]);
                                Tensor y = matMul(x, in[1], false, transposeB);
                                return sum(multiply(y, matMul(x, in[1], false, transposeB)));
                            },
                            a,
                            transposeB ? Shape.of(4, 3) : Shape.of(3, 4));
                }
            }
        }
    }

    @Test
    void targetInsideTheGraphTargetOutOfReachAndTheLossItself() {
        Tensor w = leaf(Shape.of(3));
        Tensor unused = leaf(Shape.of(2));
        try (TensorArena _ = backend.openStep()) {
            Tensor inside = multiply(w, w);
            Tensor loss = sum(multiply(inside, inside));
            double[] values = w.toDoubles();
            List<Tensor> targets = List.of(inside, w, unused, loss);
            List<Tensor> into = targets.stream().map(this::memoryLike).toList();
            Autograd.backpropagate(loss, targets, into);
            for (int i = 0; i < 3; i++) {
                double v = values[i];
                assertEquals(2 * v * v, into.get(0).toDoubles()[i], 1e-14);
                assertEquals(4 * v * v * v, into.get(1).toDoubles()[i], 1e-14);
            }
            assertArrayEquals(new double[2], into.get(2).toDoubles());
            assertEquals(1, into.get(3).item());
        }
    }

    @Test
    void theGraphIsUsedUpAndTheWorldAroundItIsNot() {
        Tensor w = leaf(SQUARE);
        Tensor into = memoryLike(w);
        try (TensorArena _ = backend.openStep()) {
            Tensor constant = Tensor.filled(DType.F64, SQUARE, 2);
            Tensor aside = tanh(constant);
            Tensor inside = multiply(w, constant);
            Tensor loss = sum(inside);
            Autograd.backpropagate(loss, List.of(w), List.of(into));
            assertFalse(inside.buffer().isLive());
            assertThrows(IllegalStateException.class, loss::item);
            assertThrows(
                    IllegalStateException.class, () -> Autograd.gradients(loss, List.of(w)));
            assertTrue(constant.buffer().isLive());
            assertTrue(aside.buffer().isLive());
            assertTrue(w.buffer().isLive());
        }
    }

    @Test
    void aDeepChainNeedsTheMemoryOfItsForwardPass() {
        Tensor w = leaf(Shape.of(1000));
        Tensor into = memoryLike(w);
        try (TensorArena arena = backend.openStep()) {
            Tensor x = w;
            for (int i = 0; i < 50; i++) {
                x = tanh(x);
            }
            Tensor loss = sum(x);
            long before = arena.usedBytes();
            Autograd.backpropagate(loss, List.of(w), List.of(into));
            assertTrue(
                    arena.usedBytes() - before <= 8 * 8064,
                    () -> "50 gradients of 8 kB took " + (arena.usedBytes() - before));
        }
    }

    @Test
    void memoryThatDoesNotFitIsRefused() {
        Tensor w = leaf(SQUARE);
        try (TensorArena _ = backend.openStep()) {
            Tensor loss = sum(w);
            String count =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> Autograd.backpropagate(loss, List.of(w), List.of()))
                            .getMessage();
            assertTrue(count.contains("expected memory for 1 gradients, got 0"), count);
            Tensor small = memoryLike(leaf(Shape.of(3)));
            String shape =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () ->
                                            Autograd.backpropagate(
                                                    loss, List.of(w), List.of(small)))
                            .getMessage();
            assertTrue(shape.contains("gradient 0 must be F64[4,4]"), shape);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Autograd.backpropagate(w, List.of(w), List.of(w)));
            List<Tensor> room = List.of(memoryLike(w), memoryLike(w));
            String twice =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> Autograd.backpropagate(loss, List.of(w, w), room))
                            .getMessage();
            assertTrue(twice.contains("target 1 F64[4,4] is named twice"), twice);
        }
    }

    /// The host knows the first gradient of the loss without asking, and no longer the sum of both.
    @Test
    void aWeightedLossThatCountsTwice() {
        requireSame(
                x -> {
                    LinearHead head = new LinearHead(x[0], x[1], 0);
                    Tensor loss =
                            linearCrossEntropy(head, Tensor.ofInts(Shape.of(4), 1, -1, 0, 3), 3);
                    return add(scale(loss, 2), scale(loss, 3));
                },
                SQUARE,
                SQUARE);
    }

    /// What a device would be asked for and waited for.
    @Test
    void theGradientOfAWeightedLossIsKnownToTheHost() {
        try (TensorArena _ = backend.openStep()) {
            Tensor x = leaf(Shape.of(1));
            Tensor loss = scale(scale(sum(x), 1), 0.1);
            Tensor gradient = Tensor.filled(DType.F32, Shape.scalar(), 1);
            assertTrue(gradient.isKnownOnes());
            Tensor scaled =
                    new Affine(0.1, 0).backward(loss.node(), gradient, new boolean[] {true})[0];
            assertEquals((double) 0.1f, scaled.item());
            backend.elementwise().fill(7, scaled.buffer());
            assertEquals((double) 0.1f, scaled.item(), "not asked for");
            assertEquals(7, scaled.unknown().item());
        }
    }
}
