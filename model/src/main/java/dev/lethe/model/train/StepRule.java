package dev.lethe.model.train;

/// Where a step takes the gradient that the optimizer gets. Whatever the rule, the gradient is that
/// of the whole batch, however many micro-batches it is cut into.
public sealed interface StepRule permits StepRule.Plain, StepRule.SharpnessAware {
    /// Gradients of the whole batch that one step takes: what it costs, in multiples of a plain
    /// one.
    int passes();

    /// At the parameters as they are.
    record Plain() implements StepRule {
        @Override
        public int passes() {
            return 1;
        }
    }

    /// Sharpness-aware minimisation (Foret et al. 2021, algorithm 1; PAPER 1.4): with g the
    /// gradient of the whole batch at theta, the optimizer gets the gradient of the whole batch at
    /// `theta + rho g / (||g|| + 1e-12)`, norm over all trained parameters, and updates theta
    /// itself.
    ///
    /// The reference code keeps only the last micro-batch's gradient and comes back by subtracting
    /// what it added; here both gradients are sums over all micro-batches, and theta is restored
    /// from a copy, bit by bit.
    ///
    /// @param rho length of the excursion, at least 0
    record SharpnessAware(double rho) implements StepRule {
        public SharpnessAware {
            if (!(rho >= 0 && Double.isFinite(rho))) {
                throw new IllegalArgumentException(
                        "sam: rho: expected a finite number, at least 0, got "
                                + rho
                                + "; 0.05 is the paper's");
            }
        }

        /// The paper's rho for language and arithmetic, 0.05.
        public SharpnessAware() {
            this(0.05);
        }

        @Override
        public int passes() {
            return 2;
        }
    }
}
