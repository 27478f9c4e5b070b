package dev.lethe.engine.contract;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Affine.affine;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Autograd.Mode;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.ArrayList;
import java.util.List;

/// A case on one backend in one element type: its value, and the derivatives of the scalar
/// `L = sum_i s_i (y_i + y_i^2 / 2)` with fixed weights s. The square makes second derivatives of
/// linear operations differ from zero.
public final class Differentiation {
    private final Backend backend;
    private final DType dtype;
    private final OpCase subject;

    public Differentiation(Backend backend, DType dtype, OpCase subject) {
        this.backend = backend;
        this.dtype = dtype;
        this.subject = subject;
    }

    /// The operation's output.
    public double[] value(double[][] at) {
        try (TensorArena _ = backend.openStep()) {
            return subject.function().apply(leaves(at)).toDoubles();
        }
    }

    /// L.
    public double loss(double[][] at) {
        try (TensorArena _ = backend.openStep()) {
            return loss(leaves(at)).item();
        }
    }

    /// Gradient of L.
    public double[][] gradient(double[][] at, Mode mode) {
        try (TensorArena _ = backend.openStep()) {
            Tensor[] leaves = leaves(at);
            return values(Autograd.gradients(loss(leaves), List.of(leaves), mode), leaves);
        }
    }

    /// Gradient of L with respect to one input alone.
    public double[] gradientOf(int input, double[][] at) {
        try (TensorArena _ = backend.openStep()) {
            Tensor[] leaves = leaves(at);
            return Autograd.gradients(loss(leaves), List.of(leaves[input]))
                    .of(leaves[input])
                    .toDoubles();
        }
    }

    /// Hessian of L times the case's direction v.
    public double[][] second(double[][] at) {
        return higher(at, 2);
    }

    /// Third derivative of L, applied to v twice.
    public double[][] third(double[][] at) {
        return higher(at, 3);
    }

    private double[][] higher(double[][] at, int order) {
        try (TensorArena _ = backend.openStep()) {
            Tensor[] leaves = leaves(at);
            Tensor scalar = loss(leaves);
            for (int i = 1; i < order; i++) {
                Gradients gradients =
                        Autograd.gradients(scalar, List.of(leaves), Mode.DIFFERENTIABLE);
                scalar = alongDirection(gradients, leaves);
            }
            return values(Autograd.gradients(scalar, List.of(leaves)), leaves);
        }
    }

    private Tensor alongDirection(Gradients gradients, Tensor[] leaves) {
        double[][] direction = subject.direction();
        Tensor scalar = Tensor.zeros(dtype, Shape.scalar());
        for (int i = 0; i < leaves.length; i++) {
            Tensor v = Tensor.of(dtype, leaves[i].shape(), direction[i]);
            scalar = add(scalar, sum(multiply(gradients.of(leaves[i]), v)));
        }
        return scalar;
    }

    private Tensor loss(Tensor[] leaves) {
        Tensor y = subject.function().apply(leaves);
        double[] weights = new double[Math.toIntExact(y.shape().size())];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (Math.cos(1.3 * i) + 0.2);
        }
        Tensor s = Tensor.of(dtype, y.shape(), weights);
        return sum(multiply(s, multiply(y, affine(y, 0.5, 1))));
    }

    private Tensor[] leaves(double[][] at) {
        List<Tensor> leaves = new ArrayList<>();
        for (int i = 0; i < at.length; i++) {
            Shape shape = subject.shapes().get(i);
            Tensor constant = Tensor.of(dtype, shape, at[i]);
            leaves.add(Tensor.leaf(backend, constant.buffer(), shape, true));
        }
        return leaves.toArray(Tensor[]::new);
    }

    private static double[][] values(Gradients gradients, Tensor[] leaves) {
        double[][] values = new double[leaves.length][];
        for (int i = 0; i < leaves.length; i++) {
            values[i] = gradients.of(leaves[i]).toDoubles();
        }
        return values;
    }
}
