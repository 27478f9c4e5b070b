package dev.lethe.model.gradients;

import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.objective.OutputTerm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// The gradients of the single examples (rows) of one term, not weighted, each over the whole
/// batch's denominator, so that they add up to the term's gradient. From one forward and backward
/// pass over all rows, not one a row; exact, like everything here.
///
/// @param term whose role the rows are of
/// @param coordinates of each gradient
/// @param values the gradients, `[rows][dimension]`; 8 bytes a number
public record ExampleGradients(OutputTerm term, Coordinates coordinates, double[][] values) {
    private static final long MOST_BYTES = Runtime.getRuntime().maxMemory() / 2;

    public static ExampleGradients of(
            Point point, OutputTerm term, Coordinates coordinates, Workers workers) {
        int rows = point.batch().get(term.role()).rows();
        long bytes = 8L * rows * coordinates.dimension();
        if (bytes > MOST_BYTES) {
            throw new IllegalArgumentException(
                    "example gradients: %d rows of %d parameters need %d MiB, half the heap has %d; select fewer parameters, take fewer rows, or ask for norms alone"
                            .formatted(
                                    rows,
                                    coordinates.dimension(),
                                    bytes >> 20,
                                    MOST_BYTES >> 20));
        }
        List<double[]> values = new ArrayList<>();
        forEachPart(
                point,
                term,
                coordinates,
                workers,
                factors -> materialized(factors, coordinates),
                values);
        return new ExampleGradients(term, coordinates, values.toArray(double[][]::new));
    }

    private static double[][] materialized(ExampleFactors factors, Coordinates coordinates) {
        double[][] rows = new double[factors.examples()][coordinates.dimension()];
        coordinates
                .spans()
                .forEach(
                        (name, span) -> {
                            double[][] own = factors.gradients(name, span.length());
                            for (int b = 0; b < rows.length; b++) {
                                System.arraycopy(own[b], 0, rows[b], span.from(), span.length());
                            }
                        });
        return rows;
    }

    /// Squared norms of the same gradients without making them, `[rows][parameter]` in the
    /// coordinates' order: by inner products of activations and of output gradients, `T^2 (m + n)`
    /// operations for a matrix of m times n where T are the tokens of a row.
    public static double[][] squaredNorms(
            Point point, OutputTerm term, Coordinates coordinates, Workers workers) {
        List<double[]> norms = new ArrayList<>();
        forEachPart(
                point,
                term,
                coordinates,
                workers,
                factors -> {
                    double[][] rows = new double[factors.examples()][coordinates.names().size()];
                    for (int p = 0; p < coordinates.names().size(); p++) {
                        double[] own = factors.squaredNorms(coordinates.names().get(p));
                        for (int b = 0; b < rows.length; b++) {
                            rows[b][p] = own[b];
                        }
                    }
                    return rows;
                },
                norms);
        return norms.toArray(double[][]::new);
    }

    /// Inner products of all pairs of the same gradients without making them, `[rows][rows]`. All
    /// rows are one graph, and a matrix of `(rows T)^2` numbers is held a parameter in turn.
    public static double[][] gram(Point point, OutputTerm term, Coordinates coordinates) {
        Batch rows = point.batch().get(term.role());
        double denominator = point.objective().denominators(point.batch()).get(term.name());
        double[][] gram = new double[rows.rows()][rows.rows()];
        try (TensorArena _ = point.model().parameters().backend().openStep()) {
            ExampleFactors factors =
                    ExampleFactors.of(point, term, rows, denominator, coordinates);
            for (String name : coordinates.names()) {
                try (TensorArena _ = point.model().parameters().backend().openStep()) {
                    double[][] own = factors.gram(name);
                    for (int b = 0; b < gram.length; b++) {
                        for (int c = 0; c < gram.length; c++) {
                            gram[b][c] += own[b][c];
                        }
                    }
                }
            }
        }
        return gram;
    }

    private static void forEachPart(
            Point point,
            OutputTerm term,
            Coordinates coordinates,
            Workers workers,
            Function<ExampleFactors, double[][]> work,
            List<double[]> into) {
        double denominator = point.objective().denominators(point.batch()).get(term.name());
        Batch all = point.batch().get(term.role());
        int rows = OrderedParts.rows(point.model().config(), all.tokens());
        OrderedParts.forEach(
                OrderedParts.count(point.model().config(), all),
                workers,
                i -> {
                    Batch part = all.rows(i * rows, Math.min((i + 1) * rows, all.rows()));
                    try (TensorArena _ = point.model().parameters().backend().openStep()) {
                        return work.apply(
                                ExampleFactors.of(point, term, part, denominator, coordinates));
                    }
                },
                found -> into.addAll(List.of(found)));
    }
}
