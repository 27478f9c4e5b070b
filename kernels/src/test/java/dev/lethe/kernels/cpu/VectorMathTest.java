package dev.lethe.kernels.cpu;

import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/// Accuracy against `StrictMath` in F64, over floats of every exponent, and the special values.
class VectorMathTest {
    private static final int STEP = 20_011; // a prime: about 200,000 of all floats

    private static float apply(UnaryOperator<FloatVector> function, float x) {
        FloatVector y = function.apply(F32.all(x));
        for (int lane = 1; lane < F32.LANES; lane++) {
            Assertions.assertEquals(y.lane(0), y.lane(lane));
        }
        return y.lane(0);
    }

    /// The largest distance from the truth, in units in the last place of the truth.
    private static double worst(
            UnaryOperator<FloatVector> function, DoubleUnaryOperator truth, float from, float to) {
        double worst = 0;
        for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STEP) {
            float x = Float.intBitsToFloat((int) bits);
            if (x >= from && x <= to) {
                double expected = truth.applyAsDouble(x);
                double unit = Math.ulp((float) Math.abs(expected));
                worst = Math.max(worst, Math.abs(apply(function, x) - expected) / unit);
            }
        }
        return worst;
    }

    private static void below(double limit, double worst) {
        Assertions.assertTrue(worst <= limit, () -> "units in the last place: " + worst);
        Assertions.assertTrue(worst > 0.3, () -> "nothing was compared: " + worst);
    }

    @Test
    void expIsAccurate() {
        below(1.1, worst(VectorMath::exp, StrictMath::exp, -87.3f, 88.7f));
    }

    @Test
    void tanhIsAccurate() {
        below(2.1, worst(VectorMath::tanh, StrictMath::tanh, -1e30f, 1e30f));
    }

    @Test
    void tanhNearZeroIsAccurate() {
        float end = Math.nextDown(0.625f);
        below(2.1, worst(VectorMath::tanhNearZero, StrictMath::tanh, -end, end));
        Assertions.assertTrue(VectorMath.isNearZero(F32.all(-end)).allTrue());
        Assertions.assertFalse(VectorMath.isNearZero(F32.all(0.625f)).anyTrue());
        Assertions.assertFalse(VectorMath.isNearZero(F32.all(Float.NaN)).anyTrue());
        same(0, VectorMath::tanhNearZero, 0);
        same(-0f, VectorMath::tanhNearZero, -0f);
        same(-Float.MIN_VALUE, VectorMath::tanhNearZero, -Float.MIN_VALUE);
    }

    @Test
    void logIsAccurate() {
        below(1.1, worst(VectorMath::log, StrictMath::log, Float.MIN_VALUE, Float.MAX_VALUE));
    }

    private static void same(float expected, UnaryOperator<FloatVector> function, float x) {
        float y = apply(function, x);
        Assertions.assertEquals(
                Float.floatToIntBits(expected), // the bits, so that zeros have signs
                Float.floatToIntBits(y),
                () -> "of %s: expected %s, got %s".formatted(x, expected, y));
    }

    @Test
    void expOfSpecialValues() {
        same(1, VectorMath::exp, 0);
        same(1, VectorMath::exp, -0f);
        same(1, VectorMath::exp, Float.MIN_VALUE);
        same(Float.POSITIVE_INFINITY, VectorMath::exp, Float.POSITIVE_INFINITY);
        same(Float.POSITIVE_INFINITY, VectorMath::exp, 88.73f);
        same(Float.POSITIVE_INFINITY, VectorMath::exp, Float.MAX_VALUE);
        same(0, VectorMath::exp, Float.NEGATIVE_INFINITY);
        same(0, VectorMath::exp, -Float.MAX_VALUE);
        same(0, VectorMath::exp, -87.34f);
        same(Float.NaN, VectorMath::exp, Float.NaN);
        same(Float.NaN, VectorMath::exp, Float.intBitsToFloat(0x7fc001ff)); // any payload
        Assertions.assertTrue(Float.isFinite(apply(VectorMath::exp, 88.7228f)));
        Assertions.assertTrue(apply(VectorMath::exp, -87.336f) >= Float.MIN_NORMAL);
    }

    @Test
    void tanhOfSpecialValues() {
        same(0, VectorMath::tanh, 0);
        same(-0f, VectorMath::tanh, -0f);
        same(1e-30f, VectorMath::tanh, 1e-30f);
        same(-Float.MIN_VALUE, VectorMath::tanh, -Float.MIN_VALUE);
        same(1, VectorMath::tanh, 9.2f);
        same(-1, VectorMath::tanh, -Float.MAX_VALUE);
        same(1, VectorMath::tanh, Float.POSITIVE_INFINITY);
        same(-1, VectorMath::tanh, Float.NEGATIVE_INFINITY);
        same(Float.NaN, VectorMath::tanh, Float.NaN);
    }

    @Test
    void logOfSpecialValues() {
        same(0, VectorMath::log, 1);
        same(Float.NEGATIVE_INFINITY, VectorMath::log, 0);
        same(Float.NEGATIVE_INFINITY, VectorMath::log, -0f);
        same(Float.POSITIVE_INFINITY, VectorMath::log, Float.POSITIVE_INFINITY);
        same(Float.NaN, VectorMath::log, -1);
        same(Float.NaN, VectorMath::log, Float.NEGATIVE_INFINITY);
        same(Float.NaN, VectorMath::log, Float.NaN);
    }

    /// exp and tanh of larger arguments are larger but for a unit in the last place; a wrong join
    /// of ranges would jump further.
    @Test
    void expAndTanhRise() {
        float exp = 0;
        float tanh = -1;
        for (float x = -20; x < 20; x += 0.001f) {
            float nextExp = apply(VectorMath::exp, x);
            float nextTanh = apply(VectorMath::tanh, x);
            Assertions.assertTrue(nextExp >= Math.nextDown(exp), "exp at " + x);
            Assertions.assertTrue(nextTanh >= tanh - 0x1p-23f, "tanh at " + x);
            exp = nextExp;
            tanh = nextTanh;
        }
    }
}
