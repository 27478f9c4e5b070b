package dev.lethe.engine.contract;

import dev.lethe.engine.memory.DType;
import java.util.Arrays;
import org.junit.jupiter.api.Assertions;

/// `|tested - truth| <= 2 |atPrecision - truth| + 8 epsilon magnitude`, element by element.
///
/// `truth` is F64, `atPrecision` what plain loops give in the tested type, `magnitude` the size of
/// what was added up: sums that cancel are not asked for more than their terms allow. Where plain
/// loops give NaN or an infinity, the tested element must be the same. What is below the smallest
/// normal number may be flushed to zero.
record Closeness(double[] truth, double[] atPrecision, double[] magnitude) {
    private static final double FACTOR = 8;

    /// Relative to each element.
    static Closeness relative(double[] truth, double[] atPrecision) {
        return new Closeness(truth, atPrecision, truth);
    }

    /// Relative to the largest element of the array, or to `floor` where that is larger.
    static Closeness uniform(double[] truth, double[] atPrecision, double floor) {
        double largest = floor;
        for (double value : truth) {
            if (Double.isFinite(value)) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        double[] magnitude = new double[truth.length];
        Arrays.fill(magnitude, largest);
        return new Closeness(truth, atPrecision, magnitude);
    }

    Closeness withMagnitude(double... magnitude) {
        return new Closeness(truth, atPrecision, magnitude);
    }

    /// Fails at the element that lies furthest outside what is allowed.
    void check(String what, DType dtype, double[] tested) {
        Assertions.assertEquals(truth.length, tested.length, what + ": number of elements");
        double smallestNormal = dtype == DType.F32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
        int worst = -1;
        double worstRatio = 0;
        int wrong = 0;
        for (int i = 0; i < truth.length; i++) {
            double ratio;
            if (Double.isFinite(atPrecision[i])) {
                double distance = Math.abs(tested[i] - truth[i]);
                double allowed = allowed(i, dtype) + smallestNormal;
                if (distance <= allowed) {
                    ratio = 0;
                } else {
                    ratio = Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance / allowed;
                }
            } else {
                ratio = same(tested[i], atPrecision[i]) ? 0 : Double.POSITIVE_INFINITY;
            }
            if (ratio != 0) {
                wrong++;
                if (worst < 0 || ratio > worstRatio) {
                    worst = i;
                    worstRatio = ratio;
                }
            }
        }
        if (worst >= 0) {
            Assertions.fail(
                    ("%s %s: %d of %d elements are off; worst is [%d]: tested %s, truth %s,"
                                    + " plain loops %s, allowed %s")
                            .formatted(
                                    what,
                                    dtype,
                                    wrong,
                                    truth.length,
                                    worst,
                                    tested[worst],
                                    truth[worst],
                                    atPrecision[worst],
                                    allowed(worst, dtype)));
        }
    }

    private double allowed(int i, DType dtype) {
        double size = Double.isFinite(magnitude[i]) ? Math.abs(magnitude[i]) : 0;
        return 2 * Math.abs(atPrecision[i] - truth[i]) + FACTOR * dtype.epsilon() * size;
    }

    private static boolean same(double a, double b) {
        return Double.isNaN(a) ? Double.isNaN(b) : a == b;
    }
}
