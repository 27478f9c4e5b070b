package dev.lethe.engine.contract;

import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.DType;
import java.util.Arrays;
import org.junit.jupiter.api.Assertions;

/// `|tested - truth| <= 2 |atPrecision - truth| + 8 epsilon magnitude`, element by element.
///
/// `truth` is F64, `atPrecision` what plain loops give in the tested type, `magnitude` the size of
/// what was added up: sums that cancel are not asked for more than their terms allow. Where plain
/// loops give NaN or an infinity, the tested element must be the same. What is below the smallest
/// normal number may be flushed to zero.
///
/// BF16 is computed in F32 and rounded: with A the distance that the rule above allows in F32,
/// where `atPrecision` are F32 loops on the same inputs, the result before it is stored is at most
/// A from the truth, and nearest rounding moves it by at most `u = 2^-8` of itself. So what is
/// allowed is `A + u (|truth| + A)`. A kernel that must round to BF16 before its last step, as
/// tensor cores ask for, may do so `roundings` times, each worth `u magnitude`.
record Closeness(double[] truth, double[] atPrecision, double[] magnitude, int roundings) {
    private static final double FACTOR = 8;
    private static final double BF16_UNIT_ROUNDOFF = 0x1p-8;

    Closeness(double[] truth, double[] atPrecision, double[] magnitude) {
        this(truth, atPrecision, magnitude, 0);
    }

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
        return new Closeness(truth, atPrecision, magnitude, roundings);
    }

    /// Allows for numbers rounded to BF16 on the way, where BF16 is tested.
    Closeness withRoundings(int count) {
        return new Closeness(truth, atPrecision, magnitude, count);
    }

    /// Fails at the element that lies furthest outside what is allowed.
    void check(String what, DType dtype, double[] tested) {
        Assertions.assertEquals(truth.length, tested.length, what + ": number of elements");
        double smallestNormal = dtype == DType.F64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
        int worst = -1;
        double worstRatio = 0;
        int wrong = 0;
        for (int i = 0; i < truth.length; i++) {
            double ratio;
            double plain = dtype == DType.BF16 ? BFloat16.round(atPrecision[i]) : atPrecision[i];
            if (Double.isFinite(plain)) {
                double distance = Math.abs(tested[i] - truth[i]);
                double allowed = allowed(i, dtype) + smallestNormal;
                if (distance <= allowed) {
                    ratio = 0;
                } else {
                    ratio = Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance / allowed;
                }
            } else {
                ratio = same(tested[i], plain) ? 0 : Double.POSITIVE_INFINITY;
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
        double epsilon = dtype.accumulator().epsilon();
        double computed = 2 * Math.abs(atPrecision[i] - truth[i]) + FACTOR * epsilon * size;
        if (dtype != DType.BF16) {
            return computed;
        }
        double stored = Math.abs(truth[i]) + computed + roundings * size;
        return computed + BF16_UNIT_ROUNDOFF * stored;
    }

    private static boolean same(double a, double b) {
        return Double.isNaN(a) ? Double.isNaN(b) : a == b;
    }
}
