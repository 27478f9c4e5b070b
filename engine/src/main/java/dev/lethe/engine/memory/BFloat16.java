package dev.lethe.engine.memory;

/// The numbers of [DType#BF16]: the upper half of an F32, that is one sign bit, the eight exponent
/// bits of F32 and seven fraction bits (Wang and Kanwar 2019, "BFloat16: the secret to high
/// performance on Cloud TPUs"). Range and subnormals are those of F32, the unit roundoff is 2^-8.
///
/// Widening is exact. Narrowing rounds to nearest, ties to even, once: what lies half a unit or
/// more beyond the largest number becomes an infinity, NaN stays a quiet NaN of the same sign.
public final class BFloat16 {
    private static final int QUIET = 0x40;
    private static final short NEGATIVE_MIN = (short) 0x8001;

    private BFloat16() {}

    /// The number of these bits, exactly.
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /// The bits of the nearest number.
    public static short of(float x) {
        int bits = Float.floatToRawIntBits(x);
        if (x != x) {
            return (short) (bits >>> 16 | QUIET);
        }
        int even = bits >>> 16 & 1;
        return (short) (bits + 0x7FFF + even >>> 16);
    }

    /// The bits of the nearest number, rounded once and not by way of F32.
    ///
    /// F32 is reached by rounding to odd (Boldo and Melquiond 2008): its sixteen further bits then
    /// still say on which side of a tie x lies.
    public static short of(double x) {
        float near = (float) x;
        if (near == x || x != x) {
            return of(near);
        }
        int bits = Float.floatToRawIntBits(near);
        int towardsZero = Math.abs((double) near) > Math.abs(x) ? bits - 1 : bits;
        return of(Float.intBitsToFloat(towardsZero | 1));
    }

    /// The nearest number as a double.
    public static double round(double x) {
        return toFloat(of(x));
    }

    /// The largest number below that of these bits, which is neither NaN nor negative infinity.
    public static short nextDown(short bits) {
        if (toFloat(bits) == 0) {
            return NEGATIVE_MIN;
        }
        return (short) (bits > 0 ? bits - 1 : bits + 1);
    }
}
