package dev.lethe.model.study;

import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/// Spearman's rank correlation of two series and its 95% interval by Bonett and Wright (2000):
/// `tanh(atanh r +- 1.96 sqrt((1 + r^2 / 2) / (n - 3)))`. Equal values share their mean rank.
///
/// At r = 1 or -1 the formula has no width, however few the pairs. There it is taken at the largest
/// correlation below 1 that n ranks without ties can have, `1 - 12 / (n (n^2 - 1))` (two neighbours
/// changed about), and ends at r itself: four or five pairs in perfect order are not clear of 0, as
/// by the exact test four are not (2 of 4! orders, p = 0.083); six are (p = 0.003).
///
/// @param r from -1 to 1; NaN where one series is constant
/// @param low NaN for fewer than four pairs: no interval
/// @param high likewise
/// @param pairs n
public record RankCorrelation(double r, double low, double high, int pairs) {
    private static final double NORMAL_97_5 = 1.959963984540054;

    public static RankCorrelation of(double[] x, double[] y) {
        if (x.length != y.length || x.length < 2) {
            throw new IllegalArgumentException(
                    "rank correlation: expected two series of one length, at least 2, got %d and %d"
                            .formatted(x.length, y.length));
        }
        for (int i = 0; i < x.length; i++) {
            if (!Double.isFinite(x[i]) || !Double.isFinite(y[i])) {
                throw new IllegalArgumentException(
                        "rank correlation: expected finite numbers, got %s and %s at %d; leave the pair out"
                                .formatted(x[i], y[i], i));
            }
        }
        double r = new SpearmansCorrelation().correlation(x, y);
        if (x.length < 4) {
            return new RankCorrelation(r, Double.NaN, Double.NaN, x.length);
        }
        double most = largestBelowOne(x.length);
        double held = Math.max(-most, Math.min(most, r));
        double z = 0.5 * Math.log((1 + held) / (1 - held));
        double half = NORMAL_97_5 * Math.sqrt((1 + held * held / 2) / (x.length - 3));
        return new RankCorrelation(
                r, Math.min(r, Math.tanh(z - half)), Math.max(r, Math.tanh(z + half)), x.length);
    }

    private static double largestBelowOne(double pairs) {
        return 1 - 12 / (pairs * (pairs * pairs - 1));
    }

    /// Whether the interval leaves out 0.
    public boolean isClear() {
        return low > 0 || high < 0;
    }
}
