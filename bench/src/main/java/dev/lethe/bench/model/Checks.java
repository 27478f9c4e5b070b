package dev.lethe.bench.model;

import dev.lethe.engine.optim.Parameters;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/// Comparisons made before anything is timed.
final class Checks {
    private Checks() {}

    /// All values, tensor after tensor.
    static double[] values(Parameters parameters) {
        return parameters.names().stream()
                .flatMapToDouble(name -> DoubleStream.of(parameters.get(name).toDoubles()))
                .toArray();
    }

    /// By the Euclidean distance, relative to what is expected.
    static void requireClose(String what, double[] expected, double[] got, double tolerance) {
        double distance = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            distance += (expected[i] - got[i]) * (expected[i] - got[i]);
            size += expected[i] * expected[i];
        }
        double error = Math.sqrt(distance / size);
        if (!(error <= tolerance)) {
            throw new IllegalStateException(
                    ("%s: expected the reference's to %.0e, got a relative"
                            + " distance of %.2e; nothing was timed")
                            .formatted(what, tolerance, error));
        }
    }

    static void requireEqual(String what, int[] expected, int[] got) {
        if (!Arrays.equals(expected, got)) {
            throw new IllegalStateException(
                    "%s: expected %d ids, got %d others; nothing was timed"
                            .formatted(what, expected.length, got.length));
        }
    }
}
