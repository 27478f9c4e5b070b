package dev.lethe.engine.autograd;

import java.util.IdentityHashMap;
import java.util.Map;

/// The gradients of one scalar (or of one weighted sum), one for each tensor that was asked for.
public final class Gradients {
    private final Map<Tensor, Tensor> byTarget = new IdentityHashMap<>();

    Gradients() {}

    void put(Tensor target, Tensor gradient) {
        byTarget.put(target, gradient);
    }

    /// The gradient of `target`, of its shape; all zeros where the loss does not depend on it.
    public Tensor of(Tensor target) {
        Tensor gradient = byTarget.get(target);
        if (gradient == null) {
            throw new IllegalArgumentException(
                    "gradients: %s was not among the tensors asked for; add it to the list"
                            .formatted(target));
        }
        return gradient;
    }

    public int size() {
        return byTarget.size();
    }
}
