package dev.lethe.model.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SamplingTest {
    private static final double[] LOGITS = {1, 3, 3, -2, 0};
    private static final int DRAWS = 20_000;

    @Test
    void temperatureZeroTakesTheFirstOfTheLargest() {
        assertEquals(1, Sampling.GREEDY.choose(LOGITS, 0));
        assertEquals(1, new Sampling(0, 3, 5).choose(LOGITS, 9));
    }

    @Test
    void refusesLogitsThatAreNoNumbers() {
        for (double broken : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            double[] logits = {1, broken, 2};
            assertThrows(
                    IllegalArgumentException.class, () -> Sampling.GREEDY.choose(logits, 0));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new Sampling(1, 0, 42).choose(logits, 0));
        }
        assertEquals(
                1, Sampling.GREEDY.choose(new double[] {Double.NEGATIVE_INFINITY, 0, -1}, 0));
    }

    /// Frequencies lie within five standard deviations of the softmax.
    @Test
    void drawsFollowTheSoftmaxOfTheTemperedLogits() {
        double temperature = 1.7;
        int[] counts = counts(new Sampling(temperature, 0, 42));
        double total = 0;
        for (double logit : LOGITS) {
            total += Math.exp(logit / temperature);
        }
        for (int i = 0; i < LOGITS.length; i++) {
            double p = Math.exp(LOGITS[i] / temperature) / total;
            double deviation = Math.sqrt(DRAWS * p * (1 - p));
            assertEquals(DRAWS * p, counts[i], 5 * deviation, "token " + i);
        }
    }

    @Test
    void topKLeavesOutTheRest() {
        int[] counts = counts(new Sampling(10, 2, 42));
        assertEquals(DRAWS, counts[1] + counts[2]);
        assertTrue(counts[1] > DRAWS / 3 && counts[2] > DRAWS / 3);
        assertEquals(DRAWS, counts(new Sampling(10, 99, 1))[0] + others(new Sampling(10, 99, 1)));
    }

    private static int others(Sampling sampling) {
        int[] counts = counts(sampling);
        return counts[1] + counts[2] + counts[3] + counts[4];
    }

    private static int[] counts(Sampling sampling) {
        int[] counts = new int[LOGITS.length];
        for (int i = 0; i < DRAWS; i++) {
            counts[sampling.choose(LOGITS, i)]++;
        }
        return counts;
    }

    @Test
    void extremeLogitsStayFinite() {
        assertEquals(1, new Sampling(1e-9, 0, 3).choose(new double[] {-1e300, 1e300, 0}, 0));
    }

    @Test
    void nonsenseIsRefused() {
        for (double temperature : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> new Sampling(temperature, 0, 0));
        }
        assertThrows(IllegalArgumentException.class, () -> new Sampling(1, -1, 0));
    }
}
