package dev.lethe.model.spectra;

import org.apache.commons.math3.distribution.TDistribution;

/// A mean of independent draws and its two-sided 95% interval by Student's t: `mean +- halfWidth`.
///
/// @param draws how many, at least 2
public record Interval(double mean, double halfWidth, int draws) {
    public static Interval of(double[] draws) {
        if (draws.length < 2) {
            throw new IllegalArgumentException(
                    "interval: expected at least 2 draws, got %d; a single one has no spread"
                            .formatted(draws.length));
        }
        double mean = 0;
        for (double draw : draws) {
            mean += draw / draws.length;
        }
        double squares = 0;
        for (double draw : draws) {
            squares += (draw - mean) * (draw - mean);
        }
        double deviation = Math.sqrt(squares / (draws.length - 1) / draws.length);
        double quantile =
                new TDistribution(draws.length - 1).inverseCumulativeProbability(0.975);
        return new Interval(mean, quantile * deviation, draws.length);
    }

    public double low() {
        return mean - halfWidth;
    }

    public double high() {
        return mean + halfWidth;
    }

    public boolean covers(double value) {
        return low() <= value && value <= high();
    }
}
