package dev.lethe.engine.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Bits that must never change: not by the compiler, not by the machine, not by an edit.
class SameBitsTest {
    private static final String GOLDEN = "8a47cbaff19b1f0";

    /// From an independent implementation with exact fractions; the normal agrees with 60 digits.
    @Test
    void singleDraws() {
        PhiloxStream stream = new PhiloxStream(42, Purpose.INITIALIZATION, 0);
        assertEquals("2933769", Integer.toHexString(stream.word(0)));
        assertEquals("b62c409c3b68b038", Long.toHexString(stream.bits(1)));
        assertEquals("0x1.6c58813876d16p-1", Double.toHexString(stream.uniform(1)));
        assertEquals("0x1.1dbf95f4a6142p-1", Double.toHexString(stream.normal(1)));
        assertEquals("0x1.2fb695b9ce65bp-2", Double.toHexString(stream.uniform(2, -0.1, 0.3)));
        assertEquals(225, stream.below(3, 1000));
        assertEquals("[3, 1, 5, 6, 7, 2, 4, 0]", Arrays.toString(stream.permutation(8)));
    }

    /// Repeated until the machine's compilers have had their turn.
    @Test
    void compiled() {
        for (int repeat = 0; repeat < 30; repeat++) {
            assertEquals(GOLDEN, digest(), "repeat " + repeat);
        }
    }

    @Test
    void interpreted() throws Exception {
        String classPath =
                location(PhiloxStream.class) + File.pathSeparator + location(SameBitsTest.class);
        Process child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xint",
                                "-cp",
                                classPath,
                                SameBitsTest.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String output =
                new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertTrue(child.waitFor(60, TimeUnit.SECONDS), "child still runs");
        assertEquals(GOLDEN, output);
    }

    /// The child's task.
    public static void main(String[] args) {
        System.out.println(digest());
    }

    private static Path location(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /// A hash of some thousand draws of every kind.
    private static String digest() {
        int n = 4099;
        PhiloxStream stream = new PhiloxStream(0x0123456789ABCDEFL, Purpose.PROBE, 5);
        MemorySegment f64 = MemorySegment.ofArray(new double[n]);
        MemorySegment f32 = MemorySegment.ofArray(new float[n]);
        long hash = 0;
        for (Distribution law :
                new Distribution[] {
                    Distribution.Normal.STANDARD,
                    new Distribution.Normal(1, 0.02),
                    Distribution.Uniform.UNIT,
                    new Distribution.Uniform(-0.07, 0.07)
                }) {
            stream.fillF64(f64, 0, 1, n, law);
            stream.fillF32(f32, 0, 1, n, law);
            for (int i = 0; i < n; i++) {
                hash = 31 * hash + f64.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i);
                hash = 31 * hash + f32.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i);
            }
        }
        for (int j : stream.permutation(n)) {
            hash = 31 * hash + j;
        }
        return Long.toHexString(hash);
    }
}
