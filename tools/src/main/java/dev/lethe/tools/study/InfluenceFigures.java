package dev.lethe.tools.study;

import dev.lethe.model.study.Influence;
import dev.lethe.tools.report.figure.Axis;
import dev.lethe.tools.report.figure.Chart;
import dev.lethe.tools.report.figure.Dots;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.figure.HeatMap;
import dev.lethe.tools.report.figure.Line;
import dev.lethe.tools.report.figure.Look;
import dev.lethe.tools.report.figure.Mark;
import dev.lethe.tools.report.figure.Shades;
import dev.lethe.tools.report.findings.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// The figures of single examples' gains.
///
/// @param names of the examples
record InfluenceFigures(List<String> names) {
    private static final int SHOWN = 16;

    /// Predicted against measured gain.
    Figure prediction(String model, Influence of) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (Influence.Example one : of.examples()) {
            low = Math.min(low, one.measured());
            high = Math.max(high, one.measured());
        }
        List<Line> lines =
                List.of(
                        scatter("first order", 1, of, Influence.Example::firstOrder),
                        scatter("second order", 0, of, Influence.Example::secondOrder),
                        scatter("right (the diagonal)", 7, of, Influence.Example::measured));
        Chart chart =
                new Chart(
                        "Gain of one step on each example: " + model,
                        "Plain gradient step of rate " + Words.plain(of.rate()),
                        Axis.linear("measured gain (nats a token)"),
                        Axis.linear("predicted gain (nats a token)"),
                        lines,
                        low < 0 && high > 0
                                ? List.of(Mark.x(0, "no gain"), Mark.y(0, ""))
                                : List.of(),
                        false);
        return Figure.of(
                "gain-" + model,
                "predictions",
                "Gain in forget CE of one gradient step on each example at "
                        + model
                        + ", predicted by first and second order against measured. Exact.",
                chart);
    }

    private static Line scatter(
            String name, int look, Influence of, ToDoubleFunction<Influence.Example> y) {
        List<Line.Spot> spots =
                of.examples().stream()
                        .sorted(Comparator.comparingDouble(Influence.Example::measured))
                        .map(
                                one -> {
                                    double value = y.applyAsDouble(one);
                                    return new Line.Spot(one.measured(), value, value, value);
                                })
                        .toList();
        return new Line(name, Look.nth(look), spots);
    }

    /// The examples that gain most.
    Figure best(String model, Influence of) {
        List<Influence.Example> best =
                of.examples().stream()
                        .sorted(Comparator.comparingDouble(Influence.Example::measured).reversed())
                        .limit(SHOWN)
                        .toList();
        List<Dots.Series> series = new ArrayList<>();
        series.add(series("first order", 1, best, Influence.Example::firstOrder));
        series.add(series("second order", 0, best, Influence.Example::secondOrder));
        series.add(series("measured", 2, best, Influence.Example::measured));
        Dots dots =
                new Dots(
                        "Examples that undo most: " + model,
                        "%d of %d examples, by measured gain"
                                .formatted(best.size(), of.examples().size()),
                        Axis.linear("gain in forget CE (nats a token)"),
                        best.stream().map(one -> names.get(one.row())).toList(),
                        series,
                        List.of(Mark.x(0, "")));
        return Figure.of(
                "examples-" + model,
                "examples",
                "Gain of one step on each of the examples that gain most at "
                        + model
                        + ", predicted and measured. Exact.",
                dots);
    }

    private static Dots.Series series(
            String name,
            int look,
            List<Influence.Example> of,
            ToDoubleFunction<Influence.Example> number) {
        List<Dots.Dot> dots = new ArrayList<>();
        of.forEach(one -> dots.add(Dots.Dot.of(dots.size(), number.applyAsDouble(one))));
        return new Dots.Series(name, Look.nth(look), dots);
    }

    /// Cosines of every two examples' gradients.
    Figure gram(String model, Influence of) {
        HeatMap map =
                new HeatMap(
                        "Angles between examples' gradients: " + model,
                        "Gram matrix over norms; orange: the same way, blue: against each"
                            + " other",
                        HeatMap.Side.of(names),
                        HeatMap.Side.of(names),
                        InfluenceDrawing.cosines(of.gram()),
                        Shades.SIGNED,
                        "cosine (no unit)",
                        List.of());
        return Figure.of(
                "gram-" + model,
                "gram",
                "Cosine of the gradients of every two examples at " + model + ". Exact.",
                map);
    }
}
