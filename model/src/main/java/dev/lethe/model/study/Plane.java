package dev.lethe.model.study;

import java.util.List;
import java.util.SequencedMap;

/// Measures on the plane through three models (Garipov et al. 2018), in lengths of weight space:
/// the first model is the origin, the second lies on the x axis, the third above it.
///
/// @param x ascending
/// @param y ascending
/// @param measures `[y][x]`, by name
/// @param corners where the three models lie, as x and y
public record Plane(
        double[] x,
        double[] y,
        SequencedMap<String, double[][]> measures,
        List<Corner> corners) {
    /// A model's place.
    public record Corner(double x, double y) {}
}
