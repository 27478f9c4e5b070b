package dev.lethe.model.gradients;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;

/// Exact derivatives held against [Richardson]'s.
final class Differences {
    private Differences() {}

    /// Fails unless `exact` agrees within `tolerance` of the largest element and the differences
    /// themselves claim to be at least that good; says both errors.
    static void requireClose(
            String what, Richardson found, double[] exact, double tolerance) {
        double[] value = found.value();
        double error = found.error();
        double size = 0;
        double off = 0;
        for (int i = 0; i < exact.length; i++) {
            size = Math.max(size, Math.abs(value[i]));
            off = Math.max(off, Math.abs(value[i] - exact[i]));
        }
        String report =
                String.format(
                        Locale.ROOT,
                        "%s: off by %.2e of %.2e (allowed %.0e relative); the differences' own error is %.2e",
                        what,
                        off,
                        size,
                        tolerance,
                        error);
        assertTrue(size > 0, () -> report + "; nothing to compare");
        assertTrue(error <= tolerance * size, report);
        assertTrue(off <= tolerance * size, report);
    }
}
