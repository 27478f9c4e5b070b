package dev.lethe.model.spectra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.spectra.SpectralDistribution.Density;
import dev.lethe.model.spectra.SpectralDistribution.Plan;
import dev.lethe.model.spectra.SpectralDistribution.Share;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// On the Hessian of a model of 500 parameters, whose true histogram is known.
class SpectralDistributionTest {
    private static final DenseHessian H = DenseHessian.ONE;
    private static final int POINTS = 200;

    private static SpectralDistribution found(int probes, int steps) {
        return SpectralDistribution.of(
                H.operator(), new Plan(probes, steps, 4), Progress.NONE);
    }

    /// Points over the whole range and some beyond.
    private static double x(int i) {
        double low = H.values()[H.values().length - 1];
        double high = H.values()[0];
        return low + (high - low) * (1.1 * i / POINTS - 0.05);
    }

    /// What the rules prove holds without exception: the share of each direction, computed from the
    /// true eigenvectors, lies between the bounds at every point.
    @Test
    void boundsHoldForTheDirectionsThemselves() {
        SpectralDistribution found = found(3, 24);
        double width = 0;
        for (int i = 0; i <= POINTS; i++) {
            double x = x(i);
            double truth = 0;
            for (int probe = 0; probe < 3; probe++) {
                truth += seenBy(probe, x) / 3;
            }
            Share share = found.share(x);
            assertTrue(
                    share.low() - 1e-10 <= truth && truth <= share.high() + 1e-10,
                    "at %s: %s is not in [%s, %s]".formatted(x, truth, share.low(), share.high()));
            assertTrue(share.low() <= share.value() && share.value() <= share.high());
            width = Math.max(width, share.high() - share.low());
        }
        assertTrue(width < 1, "bounds that say something: " + width);
    }

    private static double seenBy(int probe, double x) {
        double[] z = Vectors.signs(new PhiloxStream(4, Purpose.PROBE, probe), H.values().length);
        double sum = 0;
        for (int j = 0; j < z.length; j++) {
            double share = Vectors.dot(z, H.vectors()[j]);
            sum += H.values()[j] <= x ? share * share / z.length : 0;
        }
        return sum;
    }

    /// The true histogram lies within both errors at nearly every point (each of the 95% intervals
    /// may miss).
    @Test
    void trueHistogramLiesWithinTheErrors() {
        SpectralDistribution found = found(12, 40);
        int within = 0;
        for (int i = 0; i <= POINTS; i++) {
            double x = x(i);
            double truth = Arrays.stream(H.values()).filter(v -> v <= x).count() / 500.0;
            Share share = found.share(x);
            boolean inside =
                    share.low() - share.sampling() <= truth + 1e-12
                            && truth <= share.high() + share.sampling() + 1e-12;
            within += inside ? 1 : 0;
        }
        assertTrue(within >= 0.95 * (POINTS + 1), "within the errors at " + within);
    }

    @Test
    void smoothedDensityIsThatOfTheHistogram() {
        SpectralDistribution found = found(12, 60);
        double width = (x(POINTS) - x(0)) / 25;
        int within = 0;
        double mass = 0;
        for (int i = -20; i <= POINTS + 20; i++) {
            double x = x(i);
            double truth = 0;
            for (double value : H.values()) {
                double z = (x - value) / width;
                truth += Math.exp(-z * z / 2) / (width * Math.sqrt(2 * Math.PI)) / 500;
            }
            Density density = found.density(x, width);
            double error = density.quadrature() + density.sampling();
            within += Math.abs(density.value() - truth) <= error + 1e-9 / width ? 1 : 0;
            mass += density.value() * (x(1) - x(0));
            // Nodes enough that the rule is as good as exact beside the sample.
            assertTrue(density.quadrature() <= 1e-3 / width, "quadrature at " + x);
        }
        assertTrue(within >= 0.95 * (POINTS + 41), "within the errors at " + within);
        assertEquals(1, mass, 1e-3);
    }

    /// With all nodes the rule is the measure itself.
    @Test
    void isExactWithAllNodes() {
        double[] values = {4, -1, 0.5, 2.5};
        SymmetricOperator diagonal =
                SymmetricOperator.of(
                        4, v -> new double[] {4 * v[0], -v[1], 0.5 * v[2], 2.5 * v[3]});
        SpectralDistribution found =
                SpectralDistribution.of(diagonal, new Plan(2, 4, 1), Progress.NONE);
        for (double x : List.of(-2.0, -0.9, 1.0, 3.0, 5.0)) {
            double truth = Arrays.stream(values).filter(v -> v <= x).count() / 4.0;
            Share share = found.share(x);
            assertEquals(truth, share.low(), 1e-13);
            assertEquals(truth, share.high(), 1e-13);
            assertEquals(0, share.sampling(), 1e-12);
        }
        assertEquals(6, found.trace().mean(), 1e-12);
    }

    @Test
    void traceIsCoveredByItsInterval() {
        int covered = 0;
        for (int seed = 0; seed < 100; seed++) {
            Interval trace = Hutchinson.trace(H.operator(), 20, seed, Progress.NONE);
            covered += trace.covers(H.trace()) ? 1 : 0;
        }
        assertTrue(covered >= 90, "95% intervals that cover the trace: " + covered + " of 100");
        assertTrue(covered < 100, "intervals that never miss are too wide");
    }

    @Test
    void bothTracesAgree() {
        Interval direct = Hutchinson.trace(H.operator(), 12, 4, Progress.NONE);
        Interval quadrature = found(12, 20).trace();
        assertEquals(direct.mean(), quadrature.mean(), 1e-10 * Math.abs(direct.mean()));
        assertEquals(direct.halfWidth(), quadrature.halfWidth(), 1e-10 * direct.halfWidth());
    }

    @Test
    void refusesTooFewDraws() {
        assertThrows(
                IllegalArgumentException.class,
                () -> Hutchinson.trace(H.operator(), 1, 0, Progress.NONE));
        assertThrows(IllegalArgumentException.class, () -> new Plan(1, 9, 0));
    }
}
