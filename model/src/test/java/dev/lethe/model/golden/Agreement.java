package dev.lethe.model.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;

/// How far numbers are from those expected.
final class Agreement {
    private Agreement() {}

    /// Relative distance of scalars.
    static void assertScalar(String what, double tolerance, double expected, double actual) {
        double error = Math.abs(actual - expected) / Math.abs(expected);
        assertTrue(
                error <= tolerance,
                () ->
                        "%s: expected %s, got %s, relative error %.2e above %.0e"
                                .formatted(what, expected, actual, error, tolerance));
    }

    /// `|actual - expected| / |expected|` in L2; what is expected to be all zero must be exactly
    /// that.
    static void assertTensor(String what, double tolerance, double[] expected, double[] actual) {
        assertEquals(expected.length, actual.length, what + ": elements");
        double distance = 0;
        double size = 0;
        int worst = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = actual[i] - expected[i];
            distance += difference * difference;
            size += expected[i] * expected[i];
            // Written so that NaN is the worst.
            if (!(Math.abs(difference) <= Math.abs(actual[worst] - expected[worst]))) {
                worst = i;
            }
        }
        double error = size == 0 ? Math.sqrt(distance) : Math.sqrt(distance / size);
        boolean close = size == 0 ? distance == 0 : error <= tolerance;
        String worstElement =
                "at %d expected %s, got %s".formatted(worst, expected[worst], actual[worst]);
        assertTrue(
                close,
                () ->
                        String.format(
                                Locale.ROOT,
                                "%s: relative L2 error %.2e above %.0e, worst %s",
                                what,
                                error,
                                tolerance,
                                worstElement));
    }

    /// As above over the rows that count.
    ///
    /// @param mask one a row of `width` elements, 1 counts
    static void assertRows(
            String what, double tolerance, int[] mask, double[] expected, double[] actual) {
        assertEquals(expected.length, actual.length, what + ": elements");
        assertTensor(what, tolerance, counted(mask, expected), counted(mask, actual));
    }

    /// The largest distance of one element in rows that count.
    static double largest(int[] mask, double[] expected, double[] actual) {
        double[] wanted = counted(mask, expected);
        double[] got = counted(mask, actual);
        double largest = 0;
        for (int i = 0; i < wanted.length; i++) {
            largest = Math.max(largest, Math.abs(got[i] - wanted[i]));
        }
        return largest;
    }

    private static double[] counted(int[] mask, double[] rows) {
        int width = rows.length / mask.length;
        int count = 0;
        for (int mark : mask) {
            count += mark;
        }
        assertTrue(count > 0, "no row counts");
        double[] counted = new double[count * width];
        int at = 0;
        for (int row = 0; row < mask.length; row++) {
            if (mask[row] == 1) {
                System.arraycopy(rows, row * width, counted, at, width);
                at += width;
            }
        }
        return counted;
    }
}
