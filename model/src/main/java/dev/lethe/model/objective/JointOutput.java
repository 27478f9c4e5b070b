package dev.lethe.model.objective;

import dev.lethe.engine.autograd.Directional;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import java.util.List;
import java.util.function.Function;

/// What a model put out in several places for a whole batch, and a loss term `L` as a function of
/// all of it together.
///
/// @param values the outputs, on the graph
/// @param term `L` in primitives, a scalar; what it detaches is a constant to it
public record JointOutput(List<Tensor> values, Function<List<Tensor>, Tensor> term) {
    public JointOutput {
        values = List.copyOf(values);
    }

    /// `L`, a scalar on the graph; equal to the fused term.
    public Tensor loss() {
        return term.apply(values);
    }

    /// The Hessian of `L` by the outputs times u, which has a tensor like each output; without
    /// history. Computed by differentiating twice, so exact. It is symmetric, but not positive
    /// semi-definite in general: L need not be convex.
    public List<Tensor> curvature(List<Tensor> u) {
        List<Tensor> variables =
                values.stream()
                        .map(o -> Tensor.leaf(o.backend(), o.buffer(), o.shape(), true))
                        .toList();
        Gradients product = Directional.hessianVector(term.apply(variables), variables, u);
        return variables.stream().map(product::of).toList();
    }
}
