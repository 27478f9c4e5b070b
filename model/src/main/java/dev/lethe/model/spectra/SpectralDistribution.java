package dev.lethe.model.spectra;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// How the eigenvalues are spread, by stochastic Lanczos quadrature (Ubaru, Chen and Saad 2017):
/// each random direction z weighs the eigenvalues by its share in their eigenvectors, and the
/// Lanczos process turns that weighing into nodes and weights of a Gauss rule. In the mean over z
/// all eigenvalues weigh alike.
///
/// Two errors, kept apart: that of the rule, and that of the sample of directions.
///
/// @param dimension number of eigenvalues
/// @param rules one a direction
public record SpectralDistribution(int dimension, List<GaussRule> rules) {
    /// @param probes random directions, at least 2
    /// @param steps nodes of a rule, a product each; at least 4
    public record Plan(int probes, int steps, long seed) {
        public Plan {
            if (probes < 2 || steps < 4) {
                throw new IllegalArgumentException(
                        "spectrum: expected at least 2 probes of at least 4 steps, got %d of %d"
                                .formatted(probes, steps));
            }
        }
    }

    public static SpectralDistribution of(
            SymmetricOperator operator, Plan plan, Progress progress) {
        List<GaussRule> rules = new ArrayList<>();
        for (int i = 0; i < plan.probes(); i++) {
            int before = i * plan.steps();
            PhiloxStream draws = new PhiloxStream(plan.seed(), Purpose.PROBE, i);
            rules.add(
                    GaussRule.of(
                            operator,
                            Vectors.signs(draws, operator.dimension()),
                            plan.steps(),
                            (done, _) ->
                                    progress.after(
                                            before + done, plan.probes() * plan.steps())));
        }
        return new SpectralDistribution(operator.dimension(), List.copyOf(rules));
    }

    /// The share of eigenvalues at or below x.
    ///
    /// @param value the mean of the rules' own steps
    /// @param low the mean of what the rules prove for their directions; no estimate
    /// @param high likewise
    /// @param sampling half-width of the 95% interval over directions
    public record Share(double value, double low, double high, double sampling) {}

    /// The bounds are those of Chebyshev, Markov and Stieltjes: at its own node a rule's steps
    /// before it are too few and those up to it too many.
    public Share share(double x) {
        Interval low = over(rule -> rule.below(x));
        Interval high = over(rule -> rule.above(x));
        Interval middle = over(rule -> rule.middle(x));
        double sampling =
                Math.max(middle.halfWidth(), Math.max(low.halfWidth(), high.halfWidth()));
        return new Share(middle.mean(), low.mean(), high.mean(), sampling);
    }

    /// The density of eigenvalues at x, smoothed by a normal distribution.
    ///
    /// @param value per unit of x; integrates to 1
    /// @param quadrature distance to the rule of three quarters of the nodes: an estimate of the
    ///     rule's error, on the safe side while it falls with the nodes
    /// @param sampling half-width of the 95% interval over directions
    public record Density(double value, double quadrature, double sampling) {}

    /// @param width standard deviation of the smoothing, above 0
    public Density density(double x, double width) {
        if (!(width > 0)) {
            throw new IllegalArgumentException(
                    "density: expected a width above 0, got " + width);
        }
        Interval fine = over(rule -> GaussRule.smoothed(rule.nodes(), rule.weights(), x, width));
        Interval coarse =
                over(
                        rule ->
                                GaussRule.smoothed(
                                        rule.coarseNodes(), rule.coarseWeights(), x, width));
        return new Density(
                fine.mean(), Math.abs(fine.mean() - coarse.mean()), fine.halfWidth());
    }

    /// The sum of all eigenvalues; exact for each direction, so with a sampling error alone.
    public Interval trace() {
        return over(
                rule -> {
                    double sum = 0;
                    for (int i = 0; i < rule.nodes().length; i++) {
                        sum += rule.weights()[i] * rule.nodes()[i];
                    }
                    return dimension * sum;
                });
    }

    /// From the smallest to the largest node.
    public double[] range() {
        double[] ends = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        for (GaussRule rule : rules) {
            ends[0] = Math.min(ends[0], Arrays.stream(rule.nodes()).min().orElseThrow());
            ends[1] = Math.max(ends[1], Arrays.stream(rule.nodes()).max().orElseThrow());
        }
        return ends;
    }

    private Interval over(ToDoubleFunction<GaussRule> value) {
        return Interval.of(rules.stream().mapToDouble(value).toArray());
    }
}
