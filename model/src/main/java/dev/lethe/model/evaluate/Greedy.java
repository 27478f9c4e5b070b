package dev.lethe.model.evaluate;

/// The most likely next token.
public final class Greedy {
    private Greedy() {}

    /// Index within `[0, count)` of the first largest of `count` values from `at` on.
    public static int largest(float[] values, int at, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (values[at + i] > values[at + best]) {
                best = i;
            }
        }
        return best;
    }
}
