package dev.lethe.bench.gpu;

/// How far numbers are from the truth.
final class Distances {
    private Distances() {}

    /// `|found - truth| / |truth|` in L2; what is not zero where the truth is all zeros is
    /// infinitely far, and NaN is NaN.
    static double relative(double[] truth, double[] found) {
        if (truth.length != found.length) {
            throw new IllegalStateException(
                    "expected %d numbers, got %d".formatted(truth.length, found.length));
        }
        double distance = 0;
        double length = 0;
        for (int i = 0; i < truth.length; i++) {
            distance += (found[i] - truth[i]) * (found[i] - truth[i]);
            length += truth[i] * truth[i];
        }
        if (length == 0) {
            return distance == 0 ? 0 : Double.POSITIVE_INFINITY * distance;
        }
        return Math.sqrt(distance / length);
    }
}
