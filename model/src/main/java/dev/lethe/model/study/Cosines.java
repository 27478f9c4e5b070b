package dev.lethe.model.study;

import dev.lethe.model.gradients.Coordinates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Cosines between vectors over parameters, taken over all of them and over each layer alone; 0
/// where one of the two is zero.
///
/// @param names of the vectors, in the order of rows and columns
/// @param overall symmetric, ones on the diagonal
/// @param byGroup the same over the parameters of a [ParameterPlace#group]
public record Cosines(
        List<String> names, double[][] overall, SequencedMap<String, double[][]> byGroup) {

    static Cosines of(SequencedMap<String, double[]> vectors, Coordinates coordinates) {
        List<double[]> all = new ArrayList<>(vectors.values());
        SequencedMap<String, double[][]> dots = new LinkedHashMap<>();
        double[][] total = new double[all.size()][all.size()];
        coordinates
                .spans()
                .forEach(
                        (name, span) -> {
                            double[][] own =
                                    dots.computeIfAbsent(
                                            ParameterPlace.of(name).group(),
                                            _ -> new double[all.size()][all.size()]);
                            for (int i = 0; i < all.size(); i++) {
                                for (int j = 0; j <= i; j++) {
                                    double dot = dot(all.get(i), all.get(j), span);
                                    own[i][j] += dot;
                                    total[i][j] += dot;
                                }
                            }
                        });
        SequencedMap<String, double[][]> byGroup = new LinkedHashMap<>();
        dots.forEach((group, matrix) -> byGroup.put(group, normalized(matrix)));
        return new Cosines(List.copyOf(vectors.keySet()), normalized(total), byGroup);
    }

    private static double dot(double[] a, double[] b, Coordinates.Span span) {
        double sum = 0;
        for (int i = span.from(); i < span.from() + span.length(); i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[][] normalized(double[][] dots) {
        double[][] cosines = new double[dots.length][dots.length];
        for (int i = 0; i < dots.length; i++) {
            for (int j = 0; j <= i; j++) {
                double size = Math.sqrt(dots[i][i]) * Math.sqrt(dots[j][j]);
                cosines[i][j] = size == 0 ? 0 : i == j ? 1 : dots[i][j] / size;
                cosines[j][i] = cosines[i][j];
            }
        }
        return cosines;
    }

    /// The cosine of two vectors by name, over all parameters.
    public double between(String one, String other) {
        return overall[index(one)][index(other)];
    }

    private int index(String name) {
        int at = names.indexOf(name);
        if (at < 0) {
            throw new IllegalArgumentException(
                    "cosines: expected one of %s, got %s".formatted(names, name));
        }
        return at;
    }
}
