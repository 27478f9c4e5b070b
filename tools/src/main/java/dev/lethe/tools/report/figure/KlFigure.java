package dev.lethe.tools.report.figure;

import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.results.SeriesRow;

import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// How both students come to behave like their teacher.
final class KlFigure {
    private KlFigure() {}

    static Optional<Figure> of(Findings findings, List<SeriesRow> series) {
        List<Line> lines =
                List.of(Findings.RANDOM, Findings.REFERENCE).stream()
                        .map(model -> line(model, findings, series))
                        .filter(line -> !line.isEmpty())
                        .toList();
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        Chart chart =
                new Chart(
                        "Both students approach filter's behaviour",
                        RecoveryFigures.seeds(findings),
                        Axis.steps("distillation steps (updates)"),
                        Axis.logarithmic("KL(filter || student) (nats a token)"),
                        lines,
                        List.of(),
                        true);
        return Optional.of(
                Figure.of(
                        "kl-students",
                        "reference-leaks",
                        "Distance of both students from their teacher during distillation, on a"
                                + " logarithmic scale.",
                        chart));
    }

    private static Line line(String model, Findings findings, List<SeriesRow> series) {
        List<NavigableMap<Long, Double>> seeds =
                findings.seeds().stream().map(seed -> curve(model, seed, series)).toList();
        Line line = Line.ofSeeds(model, Look.of(model), seeds);
        // An interval that reaches below 0 has no place on a logarithmic scale.
        List<Line.Spot> spots =
                line.spots().stream()
                        .map(
                                s ->
                                        new Line.Spot(
                                                s.x(),
                                                s.mean(),
                                                Math.max(s.low(), s.mean() / 2),
                                                s.high()))
                        .toList();
        return new Line(line.name(), line.look(), spots);
    }

    private static NavigableMap<Long, Double> curve(
            String model, long seed, List<SeriesRow> series) {
        NavigableMap<Long, Double> curve = new TreeMap<>();
        series.stream()
                .filter(row -> row.model().equals(model) && row.seed() == seed)
                .filter(row -> row.metric().equals(SeriesRow.KL) && row.value() > 0)
                .forEach(row -> curve.put(row.step(), row.value()));
        return curve;
    }
}
