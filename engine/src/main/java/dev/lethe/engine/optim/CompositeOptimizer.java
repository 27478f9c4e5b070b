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
import java.lang.foreign.MemorySegment;

/// The optimizer's kernels in primitives, for backends that have none of their own. BF16 is
/// computed in F32 and rounded where it is stored. The step's values go through the host.
final class CompositeOptimizer implements OptimizerKernels {
    private final Backend backend;

    CompositeOptimizer(Backend backend) {
        this.backend = backend;
    }

    @Override
    public void adamW(
            Rule rule,
            Buffer step,
            Buffer parameters,
            Buffer gradients,
            Buffer m,
            Buffer v,
            Buffer rounded) {
        double[] values = values(step);
        double clip = values[StepValue.CLIP.ordinal()];
        if (Double.isNaN(clip)) {
            return;
        }
        try (TensorArena _ = backend.openStep()) {
            Tensor g = scale(constant(gradients), clip);
            Tensor first =
                    add(scale(constant(m), rule.beta1()), scale(g, 1 - rule.beta1()));
            Tensor second =
                    add(scale(constant(v), rule.beta2()), scale(multiply(g, g), 1 - rule.beta2()));
            Tensor root = power(scale(second, values[StepValue.CORRECTION.ordinal()]), 0.5);
            Tensor move =
                    scale(
                            divide(first, affine(root, 1, rule.epsilon())),
                            values[StepValue.RATE.ordinal()]);
            Tensor decayed = scale(constant(parameters), values[StepValue.KEEP.ordinal()]);
            backend.elementwise().copy(subtract(decayed, move).buffer(), parameters);
            backend.elementwise().copy(first.buffer(), m);
            backend.elementwise().copy(second.buffer(), v);
            if (rounded != null) {
                backend.elementwise().copy(parameters, rounded);
            }
        }
    }

    @Override
    public void squaredNorm(Buffer x, Buffer sum) {
        try (TensorArena arena = backend.openStep()) {
            Buffer wide = arena.allocate(DType.F64, x.length());
            backend.elementwise().copy(x, wide);
            Tensor values = constant(wide);
            backend.elementwise().copy(sum(multiply(values, values)).buffer(), sum);
        }
    }

    @Override
    public void clip(double clipNorm, Buffer squares, Buffer step) {
        double sum = 0;
        for (double square : values(squares)) {
            sum += square;
        }
        double[] now = values(step);
        Clipping before =
                new Clipping(
                        now[StepValue.NORM.ordinal()],
                        now[StepValue.CLIP.ordinal()],
                        now[StepValue.REFUSED.ordinal()]);
        Clipping after = Clipping.of(clipNorm, Math.sqrt(sum), before);
        now[StepValue.NORM.ordinal()] = after.norm();
        now[StepValue.CLIP.ordinal()] = after.factor();
        now[StepValue.REFUSED.ordinal()] = after.refused();
        backend.upload(MemorySegment.ofArray(now), step);
    }

    private double[] values(Buffer buffer) {
        double[] values = new double[Math.toIntExact(buffer.length())];
        backend.download(buffer, MemorySegment.ofArray(values));
        return values;
    }

    private Tensor constant(Buffer buffer) {
        return widened(
                Tensor.leaf(
                        backend, buffer, Shape.of(Math.toIntExact(buffer.length())), false));
    }
}
