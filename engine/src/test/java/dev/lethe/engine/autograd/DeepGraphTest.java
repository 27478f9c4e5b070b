package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.RmsNorm.rmsNorm;
import static dev.lethe.engine.autograd.Sum.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lethe.engine.autograd.Autograd.Mode;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.FormulaBackend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Graphs deeper than any stack, on a thread with the default stack.
class DeepGraphTest {
    private static final int DEPTH = 20_000;

    private static Tensor scalar(Backend backend, double value) {
        Tensor constant = Tensor.of(DType.F64, Shape.scalar(), value);
        return Tensor.leaf(backend, constant.buffer(), Shape.scalar(), true);
    }

    @Test
    void derivativesOfALongProduct() {
        try (Backend backend = new FormulaBackend();
                TensorArena _ = backend.openStep()) {
            double a = 1 + 1e-5;
            Tensor x = scalar(backend, a);
            Tensor y = x;
            for (int i = 1; i < DEPTH; i++) {
                y = multiply(y, x);
            }
            double n = DEPTH;
            double gradient = n * Math.pow(a, n - 1);
            double second = n * (n - 1) * Math.pow(a, n - 2);
            Tensor values = Autograd.gradients(y, List.of(x)).of(x);
            assertEquals(gradient, values.item(), 1e-10 * gradient);
            Tensor onGraph = Autograd.gradients(y, List.of(x), Mode.DIFFERENTIABLE).of(x);
            assertEquals(gradient, onGraph.item(), 1e-10 * gradient);
            double hessian = Autograd.gradients(onGraph, List.of(x)).of(x).item();
            assertEquals(second, hessian, 1e-10 * second);
        }
    }

    /// Each composite is differentiated without walking what lies behind it, else this takes
    /// minutes.
    @Test
    void secondDerivativeOfALongChainOfFusedOperations() {
        try (Backend backend = new FormulaBackend();
                TensorArena _ = backend.openStep()) {
            Tensor x = scalar(backend, 0.5);
            Tensor weight = Tensor.zeros(DType.F64, Shape.of(1));
            Tensor y = Reshape.reshape(x, Shape.of(1));
            int depth = 3_000;
            for (int i = 0; i < depth; i++) {
                y = rmsNorm(y, weight, 1);
            }
            // y <- y / sqrt(y^2 + 1) makes 1/y^2 grow by 1 a step: y = x (1 + n x^2)^(-1/2).
            double base = 1 + depth * 0.25;
            double gradient = Math.pow(base, -1.5);
            double second = -3 * depth * 0.5 * Math.pow(base, -2.5);
            assertEquals(0.5 / Math.sqrt(base), y.item(), 1e-12);
            Tensor first = Autograd.gradients(sum(y), List.of(x), Mode.DIFFERENTIABLE).of(x);
            assertEquals(gradient, first.item(), 1e-10 * gradient);
            double hessian = Autograd.gradients(first, List.of(x)).of(x).item();
            assertEquals(second, hessian, -1e-9 * second);
        }
    }
}
