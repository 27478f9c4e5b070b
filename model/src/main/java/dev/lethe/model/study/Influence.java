package dev.lethe.model.study;

import java.util.List;

/// Which examples undo unlearning most: what one plain gradient step on each would gain on a target
/// loss, predicted by first and second order and measured.
///
/// @param rate of the step
/// @param target the target loss before
/// @param examples one a row of the examples' batch, in order
/// @param gram inner products of all pairs of the examples' gradients, each of the example's own
///     mean loss
/// @param gradients these gradients, `[example][coordinate]` over all parameters; each is as large
///     as the model; none where they were let go
public record Influence(
        double rate,
        double target,
        List<Example> examples,
        double[][] gram,
        double[][] gradients) {
    /// With g the gradient of the example's own mean cross-entropy, the step moves the parameters
    /// by `-rate g`. A gain is how far the target loss falls: positive where the step undoes.
    ///
    /// @param row of the batch
    /// @param targets of the row; without any there is no step, and all else is 0
    /// @param norm `|g|`
    /// @param targetCosine of g and the target's gradient
    /// @param retainCosine of g and the retain loss's gradient; 0 where no retain loss was given
    /// @param firstOrder `rate g t`, t the target's gradient
    /// @param secondOrder that less `rate^2 g H g / 2`, H the target's Hessian
    /// @param measured on the target loss itself
    public record Example(
            int row,
            int targets,
            double norm,
            double targetCosine,
            double retainCosine,
            double firstOrder,
            double secondOrder,
            double measured) {}

    /// The same for whoever keeps many of them.
    public Influence withoutGradients() {
        return new Influence(rate, target, examples, gram, new double[0][]);
    }
}
