package dev.lethe.model.gradients;

import dev.lethe.model.objective.LogitOutput;
import java.util.Optional;

/// The gradient of a term by the logits, computed by automatic differentiation and beside it in
/// closed form: `(p - y) / N` after the soft-cap, times `1 - (z/cap)^2` before it, z the logits
/// after it.
///
/// @param after by the logits after the soft-cap
/// @param before by those before it; the same where the model has none
/// @param tokens positions that count
/// @param limit what a token's norm after the cap tends to as the term reaches its goal, where that
///     is known
public record LogitGradient(Side after, Side before, int tokens, Optional<Limit> limit) {
    /// @param norm over the whole batch, of the computed gradient
    /// @param tokenNorm mean over counted tokens of a token's norm times N; after the cap that is
    ///     `|p - y|`
    /// @param largestTokenNorm the largest of them
    /// @param closedNorm norm over the whole batch of the closed form
    /// @param apart norm of the difference between computed and closed
    /// @param largestApart the largest difference of a single logit
    public record Side(
            double norm,
            double tokenNorm,
            double largestTokenNorm,
            double closedNorm,
            double apart,
            double largestApart) {
        /// Distance of the two, as a part of the closed form.
        public double error() {
            return closedNorm == 0 ? apart : apart / closedNorm;
        }
    }

    /// Bounds of a token's `|p - y|` at the goal.
    public record Limit(double low, double high) {
        /// Distribution reached: MaxEnt, distillation, cross-entropy that is minimised.
        public static final Limit VANISHES = new Limit(0, 0);

        /// A token driven to probability 0: `|p - y|^2 = 1 + sum of the others' p^2`.
        public static final Limit STAYS = new Limit(1, Math.sqrt(2));

        /// Whether the gradient disappears when the goal is reached.
        public boolean vanishes() {
            return high == 0;
        }
    }

    static Optional<Limit> limit(double weight, LogitOutput output) {
        if (weight >= 0) {
            return Optional.of(Limit.VANISHES);
        }
        return output.entropy() == 0 ? Optional.of(Limit.STAYS) : Optional.empty();
    }

    /// Sums over parts of a batch.
    static final class Sums {
        private double squares;
        private double closedSquares;
        private double apartSquares;
        private double tokenNorms;
        private double largest;
        private double largestApart;

        /// Adds one token's row.
        void add(double[] computed, double[] closed, int from, int width, double denominator) {
            double own = 0;
            for (int i = from; i < from + width; i++) {
                double apart = computed[i] - closed[i];
                own += computed[i] * computed[i];
                closedSquares += closed[i] * closed[i];
                apartSquares += apart * apart;
                largestApart = Math.max(largestApart, Math.abs(apart));
            }
            squares += own;
            double token = Math.sqrt(own) * denominator;
            tokenNorms += token;
            largest = Math.max(largest, token);
        }

        void add(Sums other) {
            squares += other.squares;
            closedSquares += other.closedSquares;
            apartSquares += other.apartSquares;
            tokenNorms += other.tokenNorms;
            largest = Math.max(largest, other.largest);
            largestApart = Math.max(largestApart, other.largestApart);
        }

        Side side(int tokens) {
            return new Side(
                    Math.sqrt(squares),
                    tokenNorms / tokens,
                    largest,
                    Math.sqrt(closedSquares),
                    Math.sqrt(apartSquares),
                    largestApart);
        }
    }
}
