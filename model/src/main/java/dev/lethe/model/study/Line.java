package dev.lethe.model.study;

import java.util.SequencedMap;

/// Measures along the straight line `(1 - t) a + t b` between two models.
///
/// Nets from independent initialisations differ by permutations of their units, so a barrier
/// between them says nothing of the basins that they lie in.
///
/// @param t ascending, 0 and 1 among them
/// @param measures values at each t, by name
/// @param distance `|b - a|` over all parameters
public record Line(double[] t, SequencedMap<String, double[]> measures, double distance) {
    /// How far a measure rises above the chord between its values at both ends (Entezari et al.
    /// 2022): the largest `m(t) - (1 - t) m(0) - t m(1)` over the points from 0 to 1; 0 at least.
    public double barrier(String measure) {
        double[] values = values(measure);
        double start = values[at(0)];
        double end = values[at(1)];
        double highest = 0;
        for (int i = 0; i < t.length; i++) {
            if (t[i] >= 0 && t[i] <= 1) {
                highest = Math.max(highest, values[i] - (1 - t[i]) * start - t[i] * end);
            }
        }
        return highest;
    }

    private double[] values(String measure) {
        double[] values = measures.get(measure);
        if (values == null) {
            throw new IllegalArgumentException(
                    "line: no measure is named %s; there are %s"
                            .formatted(measure, measures.keySet()));
        }
        return values;
    }

    private int at(double end) {
        for (int i = 0; i < t.length; i++) {
            if (t[i] == end) {
                return i;
            }
        }
        throw new IllegalStateException("line: has no point at " + end);
    }
}
