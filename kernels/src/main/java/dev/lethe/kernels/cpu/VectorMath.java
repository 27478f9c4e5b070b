package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.all;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// exp, tanh and log of F32 vectors to about 2 units in the last place, special values included;
/// an exp below the smallest normal number is 0.
///
/// Every step is one exactly rounded operation (fma where written), so that interpreted and
/// compiled code give the same bits; the JDK's own vector functions do not, they change when C2
/// takes over. Polynomials for exp and log: Moshier, Cephes 2.2, `expf.c` and `logf.c`.
///
/// Constants are whole vectors and operations are few, because C2 stops inlining in a method whose
/// graph has grown large, and a vector that crosses a call is an object.
final class VectorMath {
    private static final FloatVector ZERO = all(0);
    private static final FloatVector ONE = all(1);
    private static final FloatVector TWO = all(2);

    private static final FloatVector LOG2_E = all(1.442695f);
    private static final FloatVector MINUS_LN2_HIGH = all(-0x1.62e430p-1f);
    private static final FloatVector MINUS_LN2_LOW = all(0x1.05c610p-29f); // LN2_HIGH - ln 2

    // Adding it rounds to the nearest integer, which then stands in the low bits; the bits above
    // are zero as far as a shift by 23 keeps any.
    private static final FloatVector ROUND = all(0x1.8p23f);
    private static final IntVector ONE_BITS = ONE.reinterpretAsInts();
    private static final IntVector SIGN = all(-0f).reinterpretAsInts();

    private static final FloatVector EXP_MAX = all(0x1.62e42ep6f); // 88.72: largest finite
    private static final FloatVector EXP_MIN = all(-0x1.5d589ep6f); // -87.34: smallest normal
    private static final FloatVector HUGE = all(Float.MAX_VALUE);
    private static final FloatVector TANH_MAX = all(18.04f); // 2|x| from where tanh is 1

    private static final FloatVector NEAR_ZERO = all(0.625f);
    private static final FloatVector TANH_2 = all(-3.33332819422e-1f);
    private static final FloatVector TANH_4 = all(1.33314422036e-1f);
    private static final FloatVector TANH_6 = all(-5.37397155531e-2f);
    private static final FloatVector TANH_8 = all(2.06390887954e-2f);
    private static final FloatVector TANH_10 = all(-5.70498872745e-3f);

    private static final FloatVector EXP_2 = all(5.0000001201e-1f);
    private static final FloatVector EXP_3 = all(1.6666665459e-1f);
    private static final FloatVector EXP_4 = all(4.1665795894e-2f);
    private static final FloatVector EXP_5 = all(8.3334519073e-3f);
    private static final FloatVector EXP_6 = all(1.3981999507e-3f);
    private static final FloatVector EXP_7 = all(1.9875691500e-4f);

    private VectorMath() {}

    /// e to the x. `x = n ln 2 + r`, `e^x = 2^n e^r`, 2^n being added to the exponent.
    static FloatVector exp(FloatVector x) {
        FloatVector rounded = x.fma(LOG2_E, ROUND);
        FloatVector p = expMinusOne(remainder(x, rounded)).add(ONE);
        FloatVector scaled = p.reinterpretAsInts().add(exponent(rounded)).reinterpretAsFloats();
        return x.mul(HUGE) // infinity and NaN
                .blend(scaled, x.compare(VectorOperators.LE, EXP_MAX))
                .blend(ZERO, x.compare(VectorOperators.LT, EXP_MIN));
    }

    /// `tanh |x| = e / (e + 2)` with `e = exp(2|x|) - 1`, and the sign of x.
    static FloatVector tanh(FloatVector x) {
        FloatVector size = x.abs();
        FloatVector twice = size.add(size);
        FloatVector in = twice.blend(TANH_MAX, twice.compare(VectorOperators.GT, TANH_MAX));
        FloatVector rounded = in.fma(LOG2_E, ROUND);
        FloatVector scale = exponent(rounded).add(ONE_BITS).reinterpretAsFloats();
        FloatVector e = expMinusOne(remainder(in, rounded)).fma(scale, scale.sub(ONE));
        IntVector sign = x.reinterpretAsInts().and(SIGN);
        return e.div(e.add(TWO)).reinterpretAsInts().or(sign).reinterpretAsFloats();
    }

    /// tanh where [#isNearZero]: an odd polynomial, without the division. Cephes 2.2, `tanhf.c`.
    static FloatVector tanhNearZero(FloatVector x) {
        FloatVector z = x.mul(x);
        FloatVector p = z.fma(TANH_10, TANH_8).fma(z, TANH_6).fma(z, TANH_4).fma(z, TANH_2);
        return p.fma(z, ONE).mul(x); // and not x + x z p, which would make 0 of -0
    }

    static VectorMask<Float> isNearZero(FloatVector x) {
        return x.abs().compare(VectorOperators.LT, NEAR_ZERO);
    }

    /// r of `x = n ln 2 + r`, n being what `rounded` holds.
    private static FloatVector remainder(FloatVector x, FloatVector rounded) {
        FloatVector n = rounded.sub(ROUND);
        return n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
    }

    /// n as it stands in the exponent of a float.
    private static IntVector exponent(FloatVector rounded) {
        return rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    }

    /// `e^r - 1` for |r| up to ln 2 / 2.
    private static FloatVector expMinusOne(FloatVector r) {
        FloatVector p = r.fma(EXP_7, EXP_6).fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2);
        return p.fma(r.mul(r), r);
    }

    private static final float SQRT_HALF = 0x1.6a09e6p-1f;
    private static final int SQRT_HALF_BITS = Float.floatToRawIntBits(SQRT_HALF);
    private static final FloatVector LN2_COARSE = all(0.693359375f); // exact times any exponent
    private static final FloatVector LN2_REST = all(-2.12194440e-4f);
    private static final FloatVector MINUS_HALF = all(-0.5f);

    private static final FloatVector LOG_3 = all(3.3333331174e-1f);
    private static final FloatVector LOG_4 = all(-2.4999993993e-1f);
    private static final FloatVector LOG_5 = all(2.0000714765e-1f);
    private static final FloatVector LOG_6 = all(-1.6668057665e-1f);
    private static final FloatVector LOG_7 = all(1.4249322787e-1f);
    private static final FloatVector LOG_8 = all(-1.2420140846e-1f);
    private static final FloatVector LOG_9 = all(1.1676998740e-1f);
    private static final FloatVector LOG_10 = all(-1.1514610310e-1f);
    private static final FloatVector LOG_11 = all(7.0376836292e-2f);

    /// Natural logarithm. `x = 2^n (1 + f)` with `1 + f` around 1, `log x = n ln 2 + log(1 + f)`.
    static FloatVector log(FloatVector x) {
        VectorMask<Float> subnormal = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
        FloatVector normal = x.blend(x.mul(0x1p23f), subnormal);
        IntVector bits = normal.reinterpretAsInts();
        IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
        IntVector scaled = bits.sub(exponent.lanewise(VectorOperators.LSHL, 23));
        FloatVector f = scaled.reinterpretAsFloats().sub(ONE);
        FloatVector n = (FloatVector) exponent.convertShape(VectorOperators.I2F, F32.SPECIES, 0);
        n = n.blend(n.sub(23), subnormal);
        FloatVector square = f.mul(f);
        FloatVector rest = n.fma(LN2_REST, logTail(f).mul(f).mul(square));
        FloatVector result = n.fma(LN2_COARSE, f.add(square.fma(MINUS_HALF, rest)));
        VectorMask<Float> finite = x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY);
        return x.blend(result, finite) // infinity and NaN stay
                .blend(Float.NaN, x.compare(VectorOperators.LT, ZERO))
                .blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, ZERO));
    }

    /// `(log(1 + f) - f + f^2/2) / f^3`.
    private static FloatVector logTail(FloatVector f) {
        FloatVector p = f.fma(LOG_11, LOG_10).fma(f, LOG_9).fma(f, LOG_8).fma(f, LOG_7);
        return p.fma(f, LOG_6).fma(f, LOG_5).fma(f, LOG_4).fma(f, LOG_3);
    }

    /// What makes a root agree with a power: plus 0 for minus 0, plus infinity for minus infinity.
    static FloatVector base(FloatVector x) {
        return x.add(ZERO)
                .blend(
                        Float.POSITIVE_INFINITY,
                        x.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
    }

    /// 1 where the lanes are equal, else 0.
    static FloatVector oneWhereEqual(FloatVector a, FloatVector b) {
        return ZERO.blend(ONE, a.compare(VectorOperators.EQ, b));
    }

    /// Lanes of a where the condition is not 0, else of b.
    static FloatVector select(FloatVector condition, FloatVector a, FloatVector b) {
        return b.blend(a, condition.compare(VectorOperators.NE, ZERO));
    }
}
