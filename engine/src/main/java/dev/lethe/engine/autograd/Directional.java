package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.autograd.Autograd.Mode;
import java.util.List;
import java.util.function.UnaryOperator;

/// Exact derivatives along directions, by differentiating what [Autograd] computed.
///
/// A direction is one tensor an input, of the input's shape and without history. All results live
/// in the current arena.
public final class Directional {
    private Directional() {}

    /// The derivative of a scalar along v, `sum of g v`, on the graph itself.
    public static Tensor slope(Tensor loss, List<Tensor> inputs, List<Tensor> v) {
        requireDirection("slope", inputs, v);
        return dot(Autograd.gradients(loss, inputs, Mode.DIFFERENTIABLE), inputs, v);
    }

    /// The Hessian of a scalar times v (Pearlmutter 1994, here by two backward passes).
    public static Gradients hessianVector(Tensor loss, List<Tensor> inputs, List<Tensor> v) {
        return Autograd.gradients(slope(loss, inputs, v), inputs);
    }

    /// The third derivative of a scalar with two of its three places taken by v and w:
    /// `T_i = sum_jk d3 loss / dx_i dx_j dx_k v_j w_k`, symmetric in v and w.
    public static Gradients thirdDerivative(
            Tensor loss, List<Tensor> inputs, List<Tensor> v, List<Tensor> w) {
        requireDirection("thirdDerivative", inputs, w);
        Tensor curvature = slope(slope(loss, inputs, v), inputs, w);
        return Autograd.gradients(curvature, inputs);
    }

    /// The Jacobian of a tensor times v, of the output's shape.
    ///
    /// The vector-Jacobian product `J^T u` is linear in u, so its derivative by u along v is `J v`,
    /// whatever u (the "double backward" identity): forward mode without a rule of its own for any
    /// operation, at the price of one backward pass more.
    public static Tensor jacobianVector(Tensor output, List<Tensor> inputs, List<Tensor> v) {
        requireDirection("jacobianVector", inputs, v);
        Tensor zeros = Tensor.zeros(output.dtype(), output.shape());
        Tensor u = Tensor.leaf(output.backend(), zeros.buffer(), output.shape(), true);
        Gradients pulled = Autograd.gradients(output, u, inputs, Mode.DIFFERENTIABLE);
        return Autograd.gradients(dot(pulled, inputs, v), List.of(u)).of(u);
    }

    /// `J^T B (J v)` with J the Jacobian of `output`: the Gauss-Newton product when B is the
    /// Hessian of the loss by the output (Schraudolph 2002).
    ///
    /// @param outputCurvature `u -> B u` for u of the output's shape, B symmetric
    public static Gradients gaussNewtonVector(
            Tensor output,
            List<Tensor> inputs,
            List<Tensor> v,
            UnaryOperator<Tensor> outputCurvature) {
        Tensor moved = jacobianVector(output, inputs, v);
        Tensor curved = Recording.off(() -> outputCurvature.apply(moved));
        return Autograd.gradients(output, curved, inputs, Mode.VALUES);
    }

    /// The same for several outputs that a loss reads together: `sum over k of J_k^T (B (J v))_k`,
    /// in one backward pass.
    ///
    /// @param outputCurvature `u -> B u` for one tensor of u like each output, without history
    public static Gradients gaussNewtonVector(
            List<Tensor> outputs,
            List<Tensor> inputs,
            List<Tensor> v,
            UnaryOperator<List<Tensor>> outputCurvature) {
        List<Tensor> moved = outputs.stream().map(o -> jacobianVector(o, inputs, v)).toList();
        List<Tensor> curved = outputCurvature.apply(moved);
        Tensor total = null;
        for (int k = 0; k < outputs.size(); k++) {
            Tensor along = sum(multiply(outputs.get(k), curved.get(k)));
            total = total == null ? along : add(total, along);
        }
        return Autograd.gradients(total, inputs);
    }

    /// `sum of g v`, on the graph where the gradients are.
    public static Tensor dot(Gradients gradients, List<Tensor> inputs, List<Tensor> v) {
        Tensor total = null;
        for (int i = 0; i < inputs.size(); i++) {
            Tensor along = sum(multiply(widened(gradients.of(inputs.get(i))), widened(v.get(i))));
            total = total == null ? along : add(total, along);
        }
        return total;
    }

    private static void requireDirection(String what, List<Tensor> inputs, List<Tensor> v) {
        if (inputs.isEmpty() || inputs.size() != v.size()) {
            throw new IllegalArgumentException(
                    "%s: expected one direction an input and at least one, got %d inputs and %d directions"
                            .formatted(what, inputs.size(), v.size()));
        }
        for (int i = 0; i < v.size(); i++) {
            Tensor input = inputs.get(i);
            Tensor direction = v.get(i);
            if (!input.shape().equals(direction.shape()) || input.dtype() != direction.dtype()) {
                throw new IllegalArgumentException(
                        "%s: direction %d must be like its input %s, got %s"
                                .formatted(what, i, input, direction));
            }
            if (direction.requiresGradient()) {
                throw new IllegalArgumentException(
                        "%s: direction %d %s must be constant; detach it"
                                .formatted(what, i, direction));
            }
        }
    }
}
