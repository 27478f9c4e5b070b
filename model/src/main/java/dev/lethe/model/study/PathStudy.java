package dev.lethe.model.study;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.spectra.Progress;
import dev.lethe.model.spectra.Vectors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeSet;

/// Measures of models between models, on a copy whose weights are moved.
final class PathStudy {
    private final SequencedMap<String, Measure> measures;
    private final Progress progress;

    PathStudy(SequencedMap<String, Measure> measures, Progress progress) {
        this.measures = measures;
        this.progress = progress;
    }

    /// @param margin how far the line goes on beyond both ends, as a part of their distance
    Line line(Gemma2 a, Gemma2 b, int points, double margin) {
        MovementStudy.requireSame(a.parameters(), b.parameters());
        if (points < 2 || !(margin >= 0)) {
            throw new IllegalArgumentException(
                    "line: expected at least 2 points and a margin of at least 0, got %d and %s"
                            .formatted(points, margin));
        }
        Coordinates all = Coordinates.of(a.parameters());
        double[] start = all.read(a.parameters());
        double[] end = all.read(b.parameters());
        TreeSet<Double> wanted = new TreeSet<>(List.of(0.0, 1.0));
        for (int i = 0; i < points; i++) {
            wanted.add(-margin + (1 + 2 * margin) * i / (points - 1));
        }
        double[] t = wanted.stream().mapToDouble(x -> x).toArray();
        SequencedMap<String, double[]> values = new LinkedHashMap<>();
        measures.keySet().forEach(name -> values.put(name, new double[t.length]));
        try (Gemma2 moved = a.copy()) {
            for (int i = 0; i < t.length; i++) {
                double[] at = Vectors.scaled(1 - t[i], start);
                Vectors.addTo(t[i], end, at);
                all.write(at, moved.parameters());
                int point = i;
                measures.forEach((name, m) -> values.get(name)[point] = m.of(moved));
                progress.after(i + 1, t.length);
            }
        }
        return new Line(t, values, Vectors.norm(Vectors.difference(end, start)));
    }

    /// @param points along each side
    /// @param margin around the three models, as a part of the extent of each axis
    Plane plane(List<Gemma2> corners, int points, double margin) {
        if (corners.size() != 3 || points < 2 || !(margin >= 0)) {
            throw new IllegalArgumentException(
                    "plane: expected 3 models, at least 2 points a side and a margin of at least 0, got %d, %d, %s"
                            .formatted(corners.size(), points, margin));
        }
        Gemma2 origin = corners.getFirst();
        corners.forEach(c -> MovementStudy.requireSame(origin.parameters(), c.parameters()));
        Coordinates all = Coordinates.of(origin.parameters());
        double[] o = all.read(origin.parameters());
        double[] u = Vectors.difference(all.read(corners.get(1).parameters()), o);
        double[] v = Vectors.difference(all.read(corners.get(2).parameters()), o);
        double width = Vectors.norm(u);
        double[] ex = Vectors.scaled(1 / width, u);
        double along = Vectors.dot(v, ex);
        Vectors.addTo(-along, ex, v);
        double height = Vectors.norm(v);
        if (!(width > 0) || !(height > 1e-12 * width)) {
            throw new IllegalArgumentException(
                    "plane: expected three models that are no line, got sides %s and %s; choose another third"
                            .formatted(width, height));
        }
        double[] ey = Vectors.scaled(1 / height, v);
        double[] x = grid(Math.min(0, along), Math.max(width, along), points, margin);
        double[] y = grid(0, height, points, margin);
        SequencedMap<String, double[][]> values = new LinkedHashMap<>();
        measures.keySet().forEach(name -> values.put(name, new double[y.length][x.length]));
        try (Gemma2 moved = origin.copy()) {
            for (int j = 0; j < y.length; j++) {
                for (int i = 0; i < x.length; i++) {
                    double[] at = o.clone();
                    Vectors.addTo(x[i], ex, at);
                    Vectors.addTo(y[j], ey, at);
                    all.write(at, moved.parameters());
                    int row = j;
                    int column = i;
                    measures.forEach((name, m) -> values.get(name)[row][column] = m.of(moved));
                    progress.after(j * x.length + i + 1, x.length * y.length);
                }
            }
        }
        return new Plane(
                x,
                y,
                values,
                List.of(
                        new Plane.Corner(0, 0),
                        new Plane.Corner(width, 0),
                        new Plane.Corner(along, height)));
    }

    private static double[] grid(double low, double high, int points, double margin) {
        double[] grid = new double[points];
        double extent = high - low;
        Arrays.setAll(
                grid,
                i -> low - margin * extent + (1 + 2 * margin) * extent * i / (points - 1));
        return grid;
    }
}
