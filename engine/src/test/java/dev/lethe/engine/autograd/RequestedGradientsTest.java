package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.MatMul.matMul;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Sum.sum;
import static dev.lethe.engine.autograd.Tanh.tanh;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd.Mode;
import dev.lethe.engine.backend.MatMulKernels;
import dev.lethe.engine.backend.PrimitiveBackend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is asked for is computed, once, and nothing else.
class RequestedGradientsTest {
    /// Counts matrix products.
    private static final class Counting extends PrimitiveBackend implements MatMulKernels {
        private int products;

        Counting() {
            super(new ReferenceBackend());
        }

        @Override
        public MatMulKernels matMul() {
            return this;
        }

        @Override
        public void multiply(Product product, Buffer a, Buffer b, Buffer c) {
            products++;
            super.matMul().multiply(product, a, b, c);
        }

        @Override
        public void multiplyAdd(Product product, Buffer a, Buffer b, Buffer c) {
            products++;
            super.matMul().multiplyAdd(product, a, b, c);
        }
    }

    private final Counting backend = new Counting();
    private TensorArena step;

    @BeforeEach
    void open() {
        step = backend.openStep();
    }

    @AfterEach
    void close() {
        step.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private Tensor leaf(boolean requiresGradient, Shape shape, double... values) {
        Tensor constant = Tensor.of(DType.F64, shape, values);
        return Tensor.leaf(backend, constant.buffer(), shape, requiresGradient);
    }

    private Tensor matrix(boolean requiresGradient, double a, double b, double c, double d) {
        return leaf(requiresGradient, Shape.of(2, 2), a, b, c, d);
    }

    /// Products that `gradients` makes for these targets.
    private int products(Tensor loss, Tensor... targets) {
        int before = backend.products;
        Autograd.gradients(loss, List.of(targets));
        return backend.products - before;
    }

    @Test
    void onlyWhatLiesBetweenLossAndTargetsIsComputed() {
        Tensor x = matrix(false, 1, 2, 3, 4);
        Tensor early = matrix(true, 1, -1, 0, 2);
        Tensor late = matrix(true, 0.5, 1, 2, -1);
        Tensor loss = sum(matMul(tanh(matMul(x, early)), late));
        assertEquals(2, backend.products);
        assertEquals(1, products(loss, late));
        assertEquals(2, products(loss, early));
        assertEquals(3, products(loss, early, late));
        assertEquals(0, products(loss));
    }

    @Test
    void targetThatTheLossDoesNotReachIsZero() {
        Tensor w = matrix(true, 1, 2, 3, 4);
        Tensor other = leaf(true, Shape.of(3), 1, 2, 3);
        Tensor loss = sum(multiply(w, w));
        Gradients gradients = Autograd.gradients(loss, List.of(w, other));
        assertArrayEquals(new double[] {2, 4, 6, 8}, gradients.of(w).toDoubles());
        assertArrayEquals(new double[3], gradients.of(other).toDoubles());
        assertEquals(Shape.of(3), gradients.of(other).shape());
        Tensor constant = sum(matrix(false, 1, 2, 3, 4));
        assertArrayEquals(
                new double[3], Autograd.gradients(constant, List.of(other)).of(other).toDoubles());
    }

    @Test
    void targetsInsideTheGraphAndTheLossItself() {
        Tensor w = leaf(true, Shape.of(2), 3, 5);
        Tensor inside = multiply(w, w);
        Tensor loss = sum(multiply(inside, inside));
        Gradients gradients = Autograd.gradients(loss, List.of(inside, w, loss));
        assertArrayEquals(new double[] {18, 50}, gradients.of(inside).toDoubles());
        assertArrayEquals(new double[] {4 * 27, 4 * 125}, gradients.of(w).toDoubles());
        assertEquals(1, gradients.of(loss).item());
        // The inner target alone: the walk may end there.
        assertArrayEquals(
                new double[] {18, 50},
                Autograd.gradients(loss, List.of(inside)).of(inside).toDoubles());
    }

    @Test
    void tensorUsedManyTimesCollectsAllItsGradients() {
        Tensor x = leaf(true, Shape.of(2), 2, -3);
        Tensor loss = sum(add(add(x, x), multiply(x, tanh(x))));
        double[] gradient = Autograd.gradients(loss, List.of(x)).of(x).toDoubles();
        for (int i = 0; i < 2; i++) {
            double value = i == 0 ? 2 : -3;
            double t = Math.tanh(value);
            assertEquals(2 + t + value * (1 - t * t), gradient[i], 1e-15);
        }
    }

    @Test
    void repeatedTargetCountsOnce() {
        Tensor x = leaf(true, Shape.of(2), 2, -3);
        Gradients gradients = Autograd.gradients(sum(multiply(x, x)), List.of(x, x));
        assertEquals(1, gradients.size());
        assertArrayEquals(new double[] {4, -6}, gradients.of(x).toDoubles());
    }

    @Test
    void seedWeighsTheOutput() {
        Tensor x = leaf(true, Shape.of(2), 2, -3);
        Tensor seed = leaf(false, Shape.of(2), 10, 100);
        Gradients gradients =
                Autograd.gradients(multiply(x, x), seed, List.of(x), Mode.VALUES);
        assertArrayEquals(new double[] {40, -600}, gradients.of(x).toDoubles());
    }

    @Test
    void plainGradientsHaveNoHistoryAndDifferentiableOnesDo() {
        Tensor x = leaf(true, Shape.of(2), 2, -3);
        Tensor loss = sum(multiply(x, multiply(x, x)));
        assertNull(Autograd.gradients(loss, List.of(x)).of(x).node());
        Tensor onGraph = Autograd.gradients(loss, List.of(x), Mode.DIFFERENTIABLE).of(x);
        assertTrue(onGraph.requiresGradient());
        Tensor inOff =
                Recording.off(
                        () -> Autograd.gradients(loss, List.of(x), Mode.DIFFERENTIABLE).of(x));
        assertTrue(inOff.requiresGradient(), "what is asked for explicitly is recorded");
    }

    @Test
    void nothingIsRecordedWhileRecordingIsOff() {
        Tensor x = leaf(true, Shape.of(2), 2, -3);
        Tensor y = Recording.off(() -> sum(multiply(x, x)));
        assertNull(y.node());
        assertFalse(y.requiresGradient());
        assertTrue(multiply(x, x).requiresGradient(), "on again afterwards");
        assertNull(multiply(x.detach(), x.detach()).node(), "no input asks for a gradient");
    }
}
