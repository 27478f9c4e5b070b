package dev.lethe.engine.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// All 65,536 numbers, and every place where rounding turns from one to the next.
class BFloat16Test {
    private static final int INFINITY = 0x7F80;

    private static boolean isNaN(int bits) {
        return (bits & 0x7FFF) > INFINITY;
    }

    /// Worked out from sign, exponent and fraction.
    private static double decoded(int bits) {
        int exponent = bits >>> 7 & 0xFF;
        int fraction = bits & 0x7F;
        double size =
                exponent == 0
                        ? fraction * 0x1p-133
                        : (128 + fraction) * Math.scalb(1.0, exponent - 134);
        if (exponent == 255) {
            size = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        }
        return bits >= 0x8000 ? -size : size;
    }

    @Test
    void everyNumberWidensToItself() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float wide = BFloat16.toFloat((short) bits);
            assertEquals(decoded(bits), wide, "bits " + bits);
            assertEquals(bits >= 0x8000, Float.floatToRawIntBits(wide) < 0, "sign of " + bits);
        }
    }

    @Test
    void everyNumberComesBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            short expected = (short) (isNaN(bits) ? bits | 0x40 : bits); // NaN turns quiet
            float wide = BFloat16.toFloat((short) bits);
            assertEquals(expected, BFloat16.of(wide), "float, bits " + bits);
            short fromDouble = BFloat16.of((double) wide);
            if (isNaN(bits)) {
                assertTrue(isNaN(fromDouble & 0xFFFF), "double, bits " + bits);
                assertEquals(expected < 0, fromDouble < 0, "sign of NaN, bits " + bits);
            } else {
                assertEquals(expected, fromDouble, "double, bits " + bits);
            }
        }
    }

    /// Between each number and the next in size the tie goes to the even one, all else to the
    /// nearer.
    @Test
    void roundsToNearestEvenBetweenAllNeighbours() {
        for (int sign : new int[] {0, 0x8000}) {
            for (int lower = 0; lower < INFINITY; lower++) {
                short low = (short) (sign | lower);
                short high = (short) (sign | lower + 1);
                double next = lower + 1 == INFINITY ? 0x1p128 : Math.abs(decoded(lower + 1));
                double middle = (Math.abs(decoded(lower)) + next) / 2; // 9 bits, exact
                double signed = sign == 0 ? middle : -middle;
                short even = lower % 2 == 0 ? low : high;
                float tie = (float) signed;
                assertEquals(signed, tie, "a tie is a float");
                assertEquals(even, BFloat16.of(tie), "tie above " + lower);
                assertEquals(even, BFloat16.of(signed), "tie in double above " + lower);
                float away = sign == 0 ? Math.nextUp(tie) : Math.nextDown(tie);
                float towards = sign == 0 ? Math.nextDown(tie) : Math.nextUp(tie);
                assertEquals(high, BFloat16.of(away), "beyond the tie above " + lower);
                assertEquals(low, BFloat16.of(towards), "before the tie above " + lower);
                // A double so near a tie is the tie itself as a float.
                double beyond = sign == 0 ? Math.nextUp(signed) : Math.nextDown(signed);
                double before = sign == 0 ? Math.nextDown(signed) : Math.nextUp(signed);
                assertEquals(high, BFloat16.of(beyond), "double beyond the tie above " + lower);
                assertEquals(low, BFloat16.of(before), "double before the tie above " + lower);
            }
        }
    }

    @Test
    void extremesOfDoubles() {
        assertEquals((short) 0x7F80, BFloat16.of(1e300));
        assertEquals((short) 0xFF80, BFloat16.of(-1e300));
        assertEquals((short) 0x7F80, BFloat16.of(Double.POSITIVE_INFINITY));
        assertEquals((short) 0, BFloat16.of(Double.MIN_VALUE));
        assertEquals((short) 0x8000, BFloat16.of(-Double.MIN_VALUE));
        assertEquals((short) 0x8000, BFloat16.of(-0.0));
        assertTrue(Double.isNaN(BFloat16.round(Double.NaN)));
        int signalling = 0x7F800001; // its payload lies wholly below what BF16 keeps
        assertTrue(isNaN(BFloat16.of(Float.intBitsToFloat(signalling)) & 0xFFFF));
        assertTrue(isNaN(BFloat16.of(Float.intBitsToFloat(0xFFFFFFFF)) & 0xFFFF));
    }

    /// Nearest by exact decimal arithmetic, at random.
    @Test
    void noNumberIsNearer() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 20_000; i++) {
            double x = Math.scalb(random.nextDouble(-2, 2), random.nextInt(-140, 127));
            short got = BFloat16.of(x);
            BigDecimal distance = distance(x, got);
            for (int step : new int[] {-1, 1}) {
                short other = (short) (got + step);
                if (Float.isFinite(BFloat16.toFloat(other))) {
                    assertTrue(distance.compareTo(distance(x, other)) <= 0, "for " + x);
                }
            }
        }
    }

    private static BigDecimal distance(double x, short bits) {
        return new BigDecimal(x).subtract(new BigDecimal(BFloat16.toFloat(bits))).abs();
    }

    @Test
    void nextDownIsTheNextNumber() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            if (isNaN(bits) || bits == (0x8000 | INFINITY)) {
                continue;
            }
            int below = BFloat16.nextDown((short) bits) & 0xFFFF;
            assertEquals(order(bits) - 1, order(below), "below " + bits);
        }
    }

    /// The place of a number among all in their order, zero at 0 whatever its sign.
    private static int order(int bits) {
        int size = bits & 0x7FFF;
        return bits >= 0x8000 ? -size : size;
    }

    @Test
    void theTypeKnowsItsUnits() {
        assertEquals(2, DType.BF16.bytes());
        assertEquals(BFloat16.toFloat((short) 0x3F81) - 1, DType.BF16.epsilon());
        assertEquals(DType.F32, DType.BF16.accumulator());
        assertEquals(DType.F32, DType.F32.accumulator());
        assertEquals(DType.F64, DType.F64.accumulator());
    }
}
