package dev.lethe.engine.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.BFloat16;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DistributionTest {
    private static final long ALL_ONES = -1;

    @Test
    void unitUniformIsHalfOpen() {
        assertEquals(0.0, Distribution.Uniform.UNIT.f64(0));
        assertEquals(0x1p-53, Distribution.Uniform.UNIT.f64(1L << 11));
        assertEquals(0.0, Distribution.Uniform.UNIT.f64((1L << 11) - 1), "lower bits are unused");
        assertEquals(0.5, Distribution.Uniform.UNIT.f64(1L << 63));
        assertEquals(1 - 0x1p-53, Distribution.Uniform.UNIT.f64(ALL_ONES));
        assertEquals(0.0f, Distribution.Uniform.UNIT.f32(0));
        assertEquals(1 - 0x1p-24f, Distribution.Uniform.UNIT.f32(ALL_ONES), "not rounded up to 1");
    }

    @ParameterizedTest
    @CsvSource({"-0.1, 0.1", "1, 2", "-3, -1", "0.1, 0.3", "1e10, 1.0000001e10", "-1e308, 1e-3"})
    void uniformStaysBelowHigh(double low, double high) {
        Distribution.Uniform uniform = new Distribution.Uniform(low, high);
        assertEquals(low, uniform.f64(0));
        assertEquals((float) low, uniform.f32(0));
        assertTrue(uniform.f64(ALL_ONES) < high);
        assertTrue(uniform.f32(ALL_ONES) < high);
        assertEquals(high, uniform.f64(ALL_ONES), 1e-15 * (high - low) + Math.ulp(high));
        assertEquals(low / 2 + high / 2, uniform.f64(1L << 63), 1e-15 * (high - low));
    }

    @Test
    void normalIsShiftedAndScaled() {
        long bits = 0x123456789ABCDEFL;
        double z = NormalQuantile.ofBits(bits);
        assertEquals(z, Distribution.Normal.STANDARD.f64(bits));
        assertEquals((float) z, Distribution.Normal.STANDARD.f32(bits));
        assertEquals(0.02 * z, new Distribution.Normal(0, 0.02).f64(bits));
        assertEquals(Math.fma(0.5, z, 3), new Distribution.Normal(3, 0.5).f64(bits));
        assertEquals(3.0, new Distribution.Normal(3, 0).f64(bits));
        assertEquals(8.2096, Distribution.Normal.STANDARD.f64(ALL_ONES), 1e-4);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "NaN, 1", "0, NaN", "0, Infinity", "-1e308, 1e308"})
    void impossibleUniformIsRefused(double low, double high) {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new Distribution.Uniform(low, high))
                        .getMessage();
        assertEquals(
                "uniform: low must be below high, both and their difference finite, got ["
                        + low
                        + ", "
                        + high
                        + "); give low < high",
                message);
    }

    /// The F32 draw rounded, which moves it by at most 2^-8 of itself and never up to `high`.
    @Test
    void bf16DrawsAreRoundedFloats() {
        PhiloxStream stream = new PhiloxStream(5, Purpose.PROBE, 1);
        Distribution normal = new Distribution.Normal(0, 0.02);
        for (Distribution.Uniform law :
                new Distribution.Uniform[] {
                    Distribution.Uniform.UNIT,
                    new Distribution.Uniform(-1, 1),
                    new Distribution.Uniform(0.99, 0.992), // two numbers of BF16 wide
                    new Distribution.Uniform(-3, 0)
                }) {
            boolean clamped = false;
            for (int i = 0; i < 5000; i++) {
                long bits = stream.bits(i);
                float rounded = BFloat16.toFloat(BFloat16.of(law.f32(bits)));
                float drawn = BFloat16.toFloat(law.bf16(bits));
                assertTrue(drawn < law.high(), law + ": " + drawn);
                assertEquals(Math.min(rounded, drawn), drawn, law + " element " + i);
                clamped |= rounded != drawn;
                assertTrue(rounded == drawn || rounded >= law.high(), law + " element " + i);
                float f32 = normal.f32(bits);
                float ofNormal = BFloat16.toFloat(normal.bf16(bits));
                assertEquals(f32, ofNormal, Math.abs(f32) * 0x1p-8, "normal " + i);
            }
            assertEquals(law.high() != 0, clamped, law + " has draws that round up to high");
        }
    }

    @ParameterizedTest
    @CsvSource({"0, -1", "0, NaN", "0, Infinity", "NaN, 1", "-Infinity, 1"})
    void impossibleNormalIsRefused(double mean, double standardDeviation) {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new Distribution.Normal(mean, standardDeviation))
                        .getMessage();
        assertTrue(message.startsWith("normal: mean must be finite"), message);
        assertTrue(message.contains("got " + mean + " and " + standardDeviation), message);
    }
}
