package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Add.add;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// Reverse-mode differentiation: the gradient as a function of a loss and the tensors asked for.
public final class Autograd {
    /// What the gradients are good for.
    public enum Mode {
        /// Values only; fused operations use their backward kernels.
        VALUES,
        /// The gradients are on the graph themselves and may be differentiated again.
        DIFFERENTIABLE
    }

    private Autograd() {}

    /// Gradients of a scalar loss. Only what lies between the loss and `targets` is computed.
    public static Gradients gradients(Tensor loss, List<Tensor> targets) {
        return gradients(loss, targets, Mode.VALUES);
    }

    public static Gradients gradients(Tensor loss, List<Tensor> targets, Mode mode) {
        requireScalar("gradients", loss);
        return gradients(loss, Tensor.filled(loss.dtype(), loss.shape(), 1), targets, mode);
    }

    /// Vector-Jacobian product: gradients of `sum(output seed)`, seed of output's shape.
    public static Gradients gradients(
            Tensor output, Tensor seed, List<Tensor> targets, Mode mode) {
        requireLike("gradients", "seed", output, seed);
        requireGradients("gradients", targets);
        boolean differentiable = mode == Mode.DIFFERENTIABLE;
        return Recording.set(differentiable, () -> walk(output, seed, targets, differentiable));
    }

    /// Overwrites `into` with the gradients of a scalar loss, one a target, of its shape and type (or, for
    /// BF16, in F32), and uses the graph up: what it holds gives its memory back to the open arena, which must be the one it was
    /// made in. So a value of the graph (the loss too) is read before, or never.
    ///
    /// What a training step needs, which keeps a [Backpropagation] for all of its steps;
    /// [#gradients] leaves everything as it was.
    public static void backpropagate(Tensor loss, List<Tensor> targets, List<Tensor> into) {
        new Backpropagation(targets, into).run(loss);
    }

    private static Gradients walk(
            Tensor output, Tensor seed, List<Tensor> targets, boolean differentiable) {
        Map<Tensor, Tensor> gradientOf = new IdentityHashMap<>();
        gradientOf.put(output, seed);
        Map<Tensor, Boolean> isTarget = new IdentityHashMap<>();
        targets.forEach(target -> isTarget.put(target, true));

        List<Node> ascending = reachable(output, targets);
        Map<Node, Boolean> leads = new IdentityHashMap<>();
        for (Node node : ascending) {
            for (Tensor input : node.inputs()) {
                if (isTarget.containsKey(input) || leads(leads, input)) {
                    leads.put(node, true);
                    break;
                }
            }
        }
        for (Node node : ascending.reversed()) {
            // Read without removing: a target may lie inside the graph.
            Tensor gradient = gradientOf.get(node.output());
            if (gradient == null || !leads.containsKey(node)) {
                continue;
            }
            boolean[] needed = new boolean[node.inputs().length];
            for (int i = 0; i < needed.length; i++) {
                Tensor input = node.input(i);
                needed[i] = isTarget.containsKey(input) || leads(leads, input);
            }
            node.requireUnchanged();
            Tensor[] ofInputs =
                    differentiable && node.op() instanceof Fused fused
                            ? throughComposite(fused, node, gradient, needed)
                            : node.op().backward(node, gradient, needed);
            requireGradients(node, ofInputs, needed);
            for (int i = 0; i < needed.length; i++) {
                if (needed[i]) {
                    Tensor gradientOfInput = ofInputs[i];
                    gradientOf.merge(node.input(i), gradientOfInput, (x, y) -> add(x, y));
                }
            }
        }
        Gradients gradients = new Gradients();
        for (Tensor target : targets) {
            Tensor gradient = gradientOf.get(target);
            gradients.put(
                    target,
                    gradient != null ? gradient : Tensor.zeros(target.dtype(), target.shape()));
        }
        return gradients;
    }

    private static boolean leads(Map<Node, Boolean> leads, Tensor tensor) {
        return tensor.node() != null && leads.containsKey(tensor.node());
    }

    /// As [Reachable] has it.
    static List<Node> reachable(Tensor output, List<Tensor> targets) {
        return new Reachable().from(output, targets);
    }

    /// A differentiable gradient of a fused operation: that of its composite, taken at aliases of the
    /// inputs so that the walk ends there, while the result still depends on the inputs themselves.
    private static Tensor[] throughComposite(
            Fused fused, Node node, Tensor gradient, boolean[] needed) {
        Tensor[] aliases = node.inputs().clone();
        List<Tensor> wanted = new ArrayList<>();
        for (int i = 0; i < aliases.length; i++) {
            if (needed[i]) {
                aliases[i] = Alias.alias(aliases[i]);
                wanted.add(aliases[i]);
            }
        }
        Tensor composite = fused.composite(aliases);
        Gradients gradients = gradients(composite, gradient, wanted, Mode.DIFFERENTIABLE);
        Tensor[] result = new Tensor[aliases.length];
        for (int i = 0; i < aliases.length; i++) {
            result[i] = needed[i] ? gradients.of(aliases[i]) : null;
        }
        return result;
    }

    static void requireGradients(Node node, Tensor[] gradients, boolean[] needed) {
        if (gradients.length != needed.length) {
            throw new IllegalStateException(
                    "%s backward: expected one gradient an input (%d), got %d"
                            .formatted(node.op().name(), needed.length, gradients.length));
        }
        for (int i = 0; i < needed.length; i++) {
            if (needed[i] && gradients[i] == null) {
                throw new IllegalStateException(
                        "%s backward: the gradient of input %d is needed and missing"
                                .formatted(node.op().name(), i));
            }
            if (!needed[i] && gradients[i] != null) {
                throw new IllegalStateException(
                        "%s backward: computed the gradient of input %d, which nobody asked for"
                                .formatted(node.op().name(), i));
            }
            if (needed[i] && !alike(node.input(i), gradients[i])) {
                String where = node.op().name() + " backward";
                requireLike(where, "gradient " + i, node.input(i), gradients[i]);
            }
        }
    }

    static void requireScalar(String where, Tensor loss) {
        if (loss.shape().size() != 1) {
            throw new IllegalArgumentException(
                    "%s: the loss must have one element, got %s; sum it first or give a seed"
                            .formatted(where, loss));
        }
    }

    static void requireGradients(String where, List<Tensor> targets) {
        for (Tensor target : targets) {
            if (!target.requiresGradient()) {
                throw new IllegalArgumentException(
                        "%s: %s does not require a gradient; make it a leaf that does"
                                .formatted(where, target));
            }
        }
    }

    private static void requireLike(String where, String what, Tensor expected, Tensor got) {
        if (!alike(expected, got)) {
            throw new IllegalArgumentException(
                    "%s: %s must be %s%s, got %s"
                            .formatted(where, what, expected.dtype(), expected.shape(), got));
        }
    }

    private static boolean alike(Tensor x, Tensor y) {
        return x.dtype() == y.dtype() && x.shape().equals(y.shape());
    }
}
