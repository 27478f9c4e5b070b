package dev.lethe.model.objective;

import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.Subtract.subtract;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.Shape;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gemma2.Activations;
import java.util.Arrays;

/// Hidden states drawn to a point at each position that is no padding (RMU),
/// `L = (1/N) sum of |h - goal|^2`, so `dL/dh = 2 (h - goal) / N` and `d2L/dh2 = 2 / N`.
///
/// @param values hidden states `[B,T,H]`, on the graph
/// @param goal of the same shape or `[H]`, without history
/// @param counted 1 where the position counts, `B T`
/// @param denominator N, positions times hidden
public record HiddenOutput(
        Activations activations, Tensor values, Tensor goal, int[] counted, double denominator)
        implements ModelOutput {

    static HiddenOutput at(
            int layer, Activations activations, Tensor goal, Batch rows, double denominator) {
        Tensor hidden = activations.residual(layer);
        return new HiddenOutput(
                activations, hidden, goal, rows.positionMask(), denominator);
    }

    private Tensor marks() {
        double[] marks = Arrays.stream(counted).asDoubleStream().toArray();
        Shape shape = values.shape().with(-1, 1);
        return reshape(Tensor.of(values.dtype(), Shape.of(marks.length), marks), shape);
    }

    private Tensor difference() {
        return multiply(subtract(values, goal), marks());
    }

    @Override
    public Tensor loss() {
        Tensor difference = difference();
        return scale(sum(multiply(difference, difference)), 1 / denominator);
    }

    @Override
    public Tensor gradient() {
        return Recording.off(() -> scale(difference(), 2 / denominator));
    }

    @Override
    public Tensor curvature(Tensor u) {
        return Recording.off(() -> scale(multiply(u, marks()), 2 / denominator));
    }
}
