package dev.lethe.tools.report.findings;

import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;

import java.util.List;

/// Mean over seeds with its 95% interval by Student's t; one seed has no interval.
///
/// @param low NaN for one seed
/// @param high NaN for one seed
public record Estimate(double mean, double low, double high) {
    private static final double UPPER = 0.975;

    /// @param values one a seed, at least one
    public static Estimate of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("estimate: expected at least one value, got none");
        }
        SummaryStatistics statistics = new SummaryStatistics();
        values.forEach(statistics::addValue);
        long n = statistics.getN();
        double mean = statistics.getMean();
        if (n < 2) {
            return new Estimate(mean, Double.NaN, Double.NaN);
        }
        double t = new TDistribution(null, n - 1).inverseCumulativeProbability(UPPER);
        double half = t * statistics.getStandardDeviation() / Math.sqrt(n);
        return new Estimate(mean, mean - half, mean + half);
    }

    public boolean hasInterval() {
        return !Double.isNaN(low);
    }

    /// Both ends, or null.
    List<Double> interval() {
        return hasInterval() ? List.of(low, high) : null;
    }
}
