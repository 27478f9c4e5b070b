package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.all;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// exp, tanh and log of F32 vectors to about 2 units in the last place, special values included.
///
/// Every step is one exactly rounded operation (fma where written), so that interpreted and compiled
/// code give the same bits; the JDK's own vector functions do not, they change when C2 takes over.
/// Polynomials for exp and log: Moshier, Cephes 2.2, `expf.c` and `logf.c`.
final class VectorMath {
    private static final float LOG2_E = 1.442695f;
    private static final float LN2_HIGH = 0x1.62e430p-1f;
    private static final float LN2_LOW = -0x1.05c610p-29f; // ln 2 - LN2_HIGH

    // Adding it rounds to the nearest integer, which then stands in the low bits.
    private static final float ROUND = 0x1.8p23f;
    private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

    private static final float EXP_MAX = 89; // beyond: infinity
    private static final float EXP_MIN = -104; // below: 0
    private static final float TANH_MAX = 9.02f; // beyond: 1

    private static final float SQRT_HALF = 0x1.6a09e6p-1f;
    private static final int SQRT_HALF_BITS = Float.floatToRawIntBits(SQRT_HALF);
    private static final float LN2_COARSE = 0.693359375f; // few bits: exact times any exponent
    private static final float LN2_REST = -2.12194440e-4f;

    private VectorMath() {}

    /// e to the x. `x = n ln 2 + r`, `e^x = 2^n (1 + p(r))`.
    static FloatVector exp(FloatVector x) {
        FloatVector in =
                x.blend(EXP_MAX, x.compare(VectorOperators.GT, EXP_MAX))
                        .blend(EXP_MIN, x.compare(VectorOperators.LT, EXP_MIN));
        FloatVector rounded = in.fma(all(LOG2_E), all(ROUND));
        IntVector n = rounded.reinterpretAsInts().sub(ROUND_BITS);
        FloatVector p = expMinusOne(remainder(in, rounded)).add(1);
        // In two factors, because 2^n alone overflows or is subnormal at the ends.
        IntVector half = n.lanewise(VectorOperators.ASHR, 1);
        return p.mul(powerOfTwo(half)).mul(powerOfTwo(n.sub(half)));
    }

    /// `tanh |x| = e / (e + 2)` with `e = exp(2|x|) - 1`, and the sign of x.
    static FloatVector tanh(FloatVector x) {
        FloatVector twice = x.abs().mul(2);
        FloatVector in =
                twice.blend(2 * TANH_MAX, twice.compare(VectorOperators.GT, 2 * TANH_MAX));
        FloatVector rounded = in.fma(all(LOG2_E), all(ROUND));
        FloatVector scale = powerOfTwo(rounded.reinterpretAsInts().sub(ROUND_BITS));
        FloatVector e = expMinusOne(remainder(in, rounded)).fma(scale, scale.sub(1));
        IntVector sign = x.reinterpretAsInts().and(0x8000_0000);
        return e.div(e.add(2)).reinterpretAsInts().or(sign).reinterpretAsFloats();
    }

    /// Natural logarithm. `x = 2^n (1 + f)` with `1 + f` around 1, `log x = n ln 2 + log(1 + f)`.
    static FloatVector log(FloatVector x) {
        VectorMask<Float> subnormal = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
        FloatVector normal = x.blend(x.mul(0x1p23f), subnormal);
        IntVector bits = normal.reinterpretAsInts();
        IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
        FloatVector f =
                bits.sub(exponent.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats().sub(1);
        FloatVector n =
                (FloatVector) exponent.convertShape(VectorOperators.I2F, F32.SPECIES, 0);
        n = n.blend(n.sub(23), subnormal);
        FloatVector square = f.mul(f);
        FloatVector rest = logTail(f).mul(f).mul(square);
        rest = n.fma(all(LN2_REST), rest);
        rest = square.fma(all(-0.5f), rest);
        FloatVector result = n.fma(all(LN2_COARSE), f.add(rest));
        return x.blend(result, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY)) // else x, NaN
                .blend(Float.NaN, x.compare(VectorOperators.LT, 0))
                .blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0));
    }

    /// r of `x = n ln 2 + r`, n being what `rounded` holds.
    private static FloatVector remainder(FloatVector x, FloatVector rounded) {
        FloatVector n = rounded.sub(ROUND);
        return n.fma(all(-LN2_LOW), n.fma(all(-LN2_HIGH), x));
    }

    /// `e^r - 1` for |r| up to ln 2 / 2.
    private static FloatVector expMinusOne(FloatVector r) {
        FloatVector p = r.fma(all(1.9875691500e-4f), all(1.3981999507e-3f));
        p = p.fma(r, all(8.3334519073e-3f));
        p = p.fma(r, all(4.1665795894e-2f));
        p = p.fma(r, all(1.6666665459e-1f));
        p = p.fma(r, all(5.0000001201e-1f));
        return p.fma(r.mul(r), r);
    }

    /// `(log(1 + f) - f + f^2/2) / f^3`.
    private static FloatVector logTail(FloatVector f) {
        FloatVector p = f.fma(all(7.0376836292e-2f), all(-1.1514610310e-1f));
        p = p.fma(f, all(1.1676998740e-1f));
        p = p.fma(f, all(-1.2420140846e-1f));
        p = p.fma(f, all(1.4249322787e-1f));
        p = p.fma(f, all(-1.6668057665e-1f));
        p = p.fma(f, all(2.0000714765e-1f));
        p = p.fma(f, all(-2.4999993993e-1f));
        return p.fma(f, all(3.3333331174e-1f));
    }

    private static FloatVector powerOfTwo(IntVector n) {
        return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }
}
