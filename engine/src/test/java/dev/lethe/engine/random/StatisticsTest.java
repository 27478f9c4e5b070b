package dev.lethe.engine.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;

/// The draws follow their laws. Seeds are fixed, so a bound once met is always met; bounds are
/// those that a right generator exceeds once in ten thousand seeds.
class StatisticsTest {
    private static final int N = 200_000;
    private static final double FOUR_SIGMA = 4.0 / Math.sqrt(N);
    private static final PhiloxStream STREAM = new PhiloxStream(2024, Purpose.PROBE, 0);

    @Test
    void normalMoments() {
        double[] z = LongStream.range(0, N).mapToDouble(STREAM::normal).toArray();
        double mean = Arrays.stream(z).average().orElseThrow();
        // Variances of z, z^2, z^3 and z^4 are 1, 2, 15 and 96.
        assertEquals(0, mean, FOUR_SIGMA);
        assertEquals(1, moment(z, 2), FOUR_SIGMA * Math.sqrt(2));
        assertEquals(0, moment(z, 3), FOUR_SIGMA * Math.sqrt(15));
        assertEquals(3, moment(z, 4), FOUR_SIGMA * Math.sqrt(96));
    }

    @Test
    void normalDistributionFunction() {
        NormalDistribution normal = new NormalDistribution();
        double[] z = LongStream.range(0, N).mapToDouble(STREAM::normal).toArray();
        requireLaw(z, normal::cumulativeProbability);
    }

    @Test
    void uniformDistributionFunction() {
        double[] u = LongStream.range(0, N).mapToDouble(STREAM::uniform).toArray();
        assertEquals(0.5, Arrays.stream(u).average().orElseThrow(), FOUR_SIGMA / Math.sqrt(12));
        requireLaw(u, x -> x);
        double[] shifted =
                LongStream.range(0, N).mapToDouble(i -> STREAM.uniform(i, -3, 1)).toArray();
        requireLaw(shifted, x -> (x + 3) / 4);
    }

    @Test
    void belowIsEven() {
        for (int bound : new int[] {2, 3, 10, 97}) {
            long[] counts = new long[bound];
            for (long i = 0; i < N; i++) {
                counts[STREAM.below(i, bound)]++;
            }
            requireEven(counts);
        }
    }

    @Test
    void permutationsAreEven() {
        long[] counts = new long[24];
        for (int stream = 0; stream < N / 10; stream++) {
            int[] order = STREAM.withStream(stream).permutation(4);
            int rank = 0;
            for (int i = 0; i < 4; i++) {
                int smallerLater = 0;
                for (int j = i + 1; j < 4; j++) {
                    smallerLater += order[j] < order[i] ? 1 : 0;
                }
                rank = rank * (4 - i) + smallerLater;
            }
            counts[rank]++;
        }
        requireEven(counts);
    }

    @Test
    void neighboursStreamsPurposesAndSeedsAreUncorrelated() {
        requireUncorrelated(i -> STREAM.normal(i + 1), "next element");
        requireUncorrelated(i -> STREAM.normal(i + 2), "next block");
        requireUncorrelated(STREAM.withStream(1)::normal, "next stream");
        requireUncorrelated(new PhiloxStream(2025, Purpose.PROBE, 0)::normal, "next seed");
        requireUncorrelated(new PhiloxStream(2024, Purpose.SAMPLING, 0)::normal, "other purpose");
    }

    private interface Draw {
        double at(long index);
    }

    private static void requireUncorrelated(Draw other, String name) {
        double products = 0;
        for (long i = 0; i < N; i++) {
            products += STREAM.normal(i) * other.at(i);
        }
        assertEquals(0, products / N, FOUR_SIGMA, name);
    }

    private static double moment(double[] z, int power) {
        return Arrays.stream(z).map(x -> Math.pow(x, power)).average().orElseThrow();
    }

    /// Kolmogorov-Smirnov: sqrt(n) sup |F_n - F| exceeds 2.23 with probability 2 exp(-2 2.23^2) =
    /// 1e-4.
    private static void requireLaw(double[] draws, DoubleUnaryOperator distributionFunction) {
        double[] sorted = draws.clone();
        Arrays.sort(sorted);
        double worst = 0;
        for (int i = 0; i < sorted.length; i++) {
            double f = distributionFunction.applyAsDouble(sorted[i]);
            worst = Math.max(worst, Math.max(f - (double) i / N, (i + 1.0) / N - f));
        }
        double statistic = Math.sqrt(sorted.length) * worst;
        assertTrue(statistic < 2.23, "Kolmogorov-Smirnov statistic " + statistic);
    }

    /// Pearson's chi-square with a probability between 1e-4 and 1 - 1e-4: neither uneven nor too
    /// even.
    private static void requireEven(long[] counts) {
        double expected = (double) Arrays.stream(counts).sum() / counts.length;
        double chiSquare =
                Arrays.stream(counts).mapToDouble(c -> (c - expected) * (c - expected)).sum()
                        / expected;
        double p =
                new ChiSquaredDistribution(counts.length - 1).cumulativeProbability(chiSquare);
        assertTrue(p > 1e-4 && p < 1 - 1e-4, counts.length + " bins: probability " + p);
    }
}
