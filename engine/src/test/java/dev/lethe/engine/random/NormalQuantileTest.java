package dev.lethe.engine.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalQuantileTest {
    /// Truth from 60-digit arithmetic: Newton's method on Phi(z) = (2k + 1)/2^53, rounded to F64.
    /// The first and the last are the ends of the lower half. 62545 and 62546 lie on both sides of
    /// sqrt(-log p) = 5, 337769972052786 and ...788 on both sides of |q| = 0.425.
    @ParameterizedTest
    @CsvSource({
        "0, -0x1.06b48528cea52p+3",
        "1, -0x1.02734508d1f1dp+3",
        "2, -0x1.0072d19333a0dp+3",
        "1000, -0x1.cf71ec745c5dep+2",
        "4503599, -0x1.7fdc11f93a210p+2",
        "62545, -0x1.aa1b1e6eab81fp+2",
        "62546, -0x1.aa1b1492d018ep+2",
        "1073741824, -0x1.42441766230cdp+2",
        "68719476736, -0x1.0ada394a8ba82p+2",
        "337769972052, -0x1.e541c38161670p+1",
        "1099511627776, -0x1.be596d62758c2p+1",
        "4503599627370, -0x1.8b8cbb7204470p+1",
        "45035996273704, -0x1.29c5c4630ff17p+1",
        "337769972052786, -0x1.7085226d3e529p+0",
        "337769972052788, -0x1.7085226d3e51bp+0",
        "450359962737049, -0x1.4813c36e26d33p+0",
        "1125899906842624, -0x1.5956b87528a46p-1",
        "1970324836974592, -0x1.422c1aadb2489p-3",
        "2251787468006347, -0x1.cd21ba467023dp-18",
        "2251799813685245, -0x1.910f7e7f3b0c7p-50",
        "2251799813685247, -0x1.40d931ff62706p-52",
    })
    void agreesWithHighPrecision(long k, String truth) {
        double expected = Double.parseDouble(truth);
        double got = NormalQuantile.ofBits(k << 12);
        assertEquals(expected, got, 1e-15 * Math.abs(expected));
    }

    @Test
    void isAntisymmetricToTheLastBit() {
        for (long i = 0; i < 2000; i++) {
            long bits = Philox.block(new Philox.Block(i, 0), 7).low();
            assertEquals(-NormalQuantile.ofBits(bits), NormalQuantile.ofBits(~bits));
        }
        assertEquals(-NormalQuantile.ofBits(0), NormalQuantile.ofBits(-1));
    }

    @Test
    void agreesWithCommonsMathInTheMiddle() {
        // In the tails commons-math loses digits to 2p - 1: the table above and the next test serve
        // there.
        NormalDistribution normal = new NormalDistribution();
        for (int i = 100; i < 1000; i++) {
            double p = i / 1001.0;
            double expected = normal.inverseCumulativeProbability(p);
            assertEquals(expected, NormalQuantile.of(p), 1e-14, "p = " + p);
        }
    }

    @Test
    void theDistributionFunctionGivesPBack() {
        // d log Phi/dz is about |z|, so an error of z by 2^-52 |z| shows as z^2 2^-52: 1.5e-14 at
        // the end, and as much again from erfc.
        for (double p = 0x1p-53; p < 0.49; p *= 1.37) {
            double back = 0.5 * Erf.erfc(-NormalQuantile.of(p) / Math.sqrt(2));
            assertEquals(1, back / p, 3e-14, "p = " + p);
        }
    }

    @Test
    void isMonotoneAcrossTheBorders() {
        double far = StrictMath.exp(-25);
        for (double border : new double[] {0.075, 0.925, far, 0.5}) {
            double p = border - 50 * Math.ulp(border);
            double before = NormalQuantile.of(p);
            for (int i = 0; i < 100; i++) {
                p = Math.nextUp(p);
                double z = NormalQuantile.of(p);
                double slack = 2 * Math.ulp(z);
                assertTrue(z >= before - slack, "at " + p + ": " + before + " then " + z);
                before = z;
            }
        }
    }

    @Test
    void logarithmIsWithinOneUlp() {
        double worst = 0;
        for (long i = 0; i < 100_000; i++) {
            long bits = Philox.block(new Philox.Block(i, 1), 7).low();
            // Every exponent of normal numbers below 1/2.
            long exponent = Long.remainderUnsigned(bits >>> 52, 1021) + 1;
            double x = Double.longBitsToDouble((exponent << 52) | (bits & 0xFFFFFFFFFFFFFL));
            double truth = StrictMath.log(x);
            worst = Math.max(worst, Math.abs(NormalQuantile.log(x) - truth) / Math.ulp(truth));
        }
        assertTrue(worst <= 1, "worst error in ulp against StrictMath: " + worst);
    }
}
