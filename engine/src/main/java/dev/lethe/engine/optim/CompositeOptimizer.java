package dev.lethe.engine.optim;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Affine.affine;
import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.Divide.divide;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Power.power;
import static dev.lethe.engine.autograd.Subtract.subtract;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.OptimizerKernels;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;

/// The optimizer's kernels in primitives, for backends that have none of their own. BF16 is
/// computed in F32 and rounded where it is stored.
final class CompositeOptimizer implements OptimizerKernels {
    private final Backend backend;

    CompositeOptimizer(Backend backend) {
        this.backend = backend;
    }

    @Override
    public void adamW(Update u, Buffer parameters, Buffer gradients, Buffer m, Buffer v) {
        try (TensorArena _ = backend.openStep()) {
            Tensor g = scale(constant(gradients), u.clip());
            Tensor first =
                    add(scale(constant(m), u.beta1()), scale(g, 1 - u.beta1()));
            Tensor second =
                    add(scale(constant(v), u.beta2()), scale(multiply(g, g), 1 - u.beta2()));
            Tensor root = power(scale(second, 1 / u.correction2()), 0.5);
            Tensor move =
                    scale(
                            divide(first, affine(root, 1, u.epsilon())),
                            u.learningRate() / u.correction1());
            Tensor decayed =
                    scale(constant(parameters), 1 - u.learningRate() * u.weightDecay());
            backend.elementwise().copy(subtract(decayed, move).buffer(), parameters);
            backend.elementwise().copy(first.buffer(), m);
            backend.elementwise().copy(second.buffer(), v);
        }
    }

    @Override
    public double squaredNorm(Buffer x) {
        try (TensorArena arena = backend.openStep()) {
            Buffer wide = arena.allocate(DType.F64, x.length());
            backend.elementwise().copy(x, wide);
            Tensor values = constant(wide);
            return sum(multiply(values, values)).item();
        }
    }

    private Tensor constant(Buffer buffer) {
        return widened(
                Tensor.leaf(
                        backend, buffer, Shape.of(Math.toIntExact(buffer.length())), false));
    }
}
