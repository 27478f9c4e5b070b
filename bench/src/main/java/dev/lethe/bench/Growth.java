package dev.lethe.bench;

import dev.lethe.bench.results.Row;
import dev.lethe.bench.results.Table;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/// Exponents of growth: the slope of a straight line through logarithms, by least squares.
final class Growth {
    private static final String BENCHMARK = "GrowthBenchmark";

    private Growth() {}

    private record Fit(SimpleRegression time, SimpleRegression memory) {
        static Fit empty() {
            return new Fit(new SimpleRegression(), new SimpleRegression());
        }
    }

    /// Prints an exponent for each curve among the rows that has at least three points.
    static void print(List<Row> rows, PrintStream out) {
        Map<String, Fit> fits = new LinkedHashMap<>();
        for (Row row : rows) {
            if (row.type().equals(BENCHMARK)) {
                String point = row.parameter("point");
                int last = point.lastIndexOf(' ');
                double size = Math.log(Double.parseDouble(point.substring(last + 1)));
                Fit fit = fits.computeIfAbsent(point.substring(0, last), _ -> Fit.empty());
                fit.time().addData(size, -Math.log(row.perSecond()));
                fit.memory().addData(size, Math.log(row.heldBytes()));
            }
        }
        fits.values().removeIf(fit -> fit.time().getN() < 3);
        if (fits.isEmpty()) {
            return;
        }
        Table table = new Table("growth", "points", "time exponent", "+-", "memory exponent");
        fits.forEach(
                (name, fit) ->
                        table.add(
                                name,
                                fit.time().getN(),
                                "%.3f".formatted(fit.time().getSlope()),
                                "%.3f".formatted(fit.time().getSlopeStdErr()),
                                "%.3f".formatted(fit.memory().getSlope())));
        out.println();
        table.print(out);
    }
}
