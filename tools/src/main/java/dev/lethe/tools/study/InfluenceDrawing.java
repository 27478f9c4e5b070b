package dev.lethe.tools.study;

import dev.lethe.model.study.Influence;
import dev.lethe.model.study.RankCorrelation;
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
import dev.lethe.tools.report.page.Document;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;

/// Gains of single examples as figures, tables and rows.
///
/// @param names of the examples
record InfluenceDrawing(
        SequencedMap<String, Influence> found,
        List<String> drawn,
        List<String> names,
        Subjects subjects) {
    private static final int SHOWN = 16;

    Answer answer() {
        Answer.Builder answer = new Answer.Builder();
        found.forEach(
                (model, of) ->
                        answer.finding(
                                "%s: a step on one example lowers the forget CE of %s by %s nats"
                                    + " on average (first order predicts %s, second %s); two examples' gradients have a mean cosine of %s",
                                model,
                                Text.number(of.target()),
                                Text.number(mean(of, Influence.Example::measured)),
                                Text.number(mean(of, Influence.Example::firstOrder)),
                                Text.number(mean(of, Influence.Example::secondOrder)),
                                Text.number(together(of))));
        against(answer, "first order", Influence.Example::firstOrder);
        against(answer, "measured", Influence.Example::measured);
        answer.section(models()).section(predictions()).section(examples()).section(gram());
        found.forEach((model, of) -> cells(answer, model, of));
        return answer.build();
    }

    private static double mean(Influence of, ToDoubleFunction<Influence.Example> number) {
        return of.examples().stream().mapToDouble(number).average().orElse(Double.NaN);
    }

    /// Whether the gain of one step orders the models as A does, what the whole attack brought back.
    private void against(
            Answer.Builder answer, String name, ToDoubleFunction<Influence.Example> gain) {
        List<Double> gains = new ArrayList<>();
        List<Double> areas = new ArrayList<>();
        found.forEach(
                (model, of) ->
                        area(model)
                                .ifPresent(
                                        area -> {
                                            gains.add(mean(of, gain));
                                            areas.add(area);
                                        }));
        if (gains.size() < 4) {
            return; // too few for an interval
        }
        RankCorrelation ranks =
                RankCorrelation.of(
                        gains.stream().mapToDouble(x -> x).toArray(),
                        areas.stream().mapToDouble(x -> x).toArray());
        answer.finding(
                "gain of one step, %s, and A of the attack: Spearman correlation %s (%s to %s, %d"
                    + " models)",
                name,
                Text.number(ranks.r()),
                Text.number(ranks.low()),
                Text.number(ranks.high()),
                ranks.pairs());
        answer.cell(
                new Answer.Cell(
                        "all",
                        "spearman_with_A",
                        name,
                        Double.NaN,
                        ranks.r(),
                        ranks.low(),
                        ranks.high()));
    }

    /// Mean cosine over pairs of different examples.
    private static double together(Influence of) {
        double[][] cosines = cosines(of.gram());
        double sum = 0;
        int pairs = 0;
        for (int i = 0; i < cosines.length; i++) {
            for (int j = 0; j < i; j++) {
                sum += cosines[i][j];
                pairs++;
            }
        }
        return pairs == 0 ? Double.NaN : sum / pairs;
    }

    private Document.Section models() {
        List<List<String>> rows = new ArrayList<>();
        found.forEach(
                (model, of) ->
                        rows.add(
                                List.of(
                                        model,
                                        Text.number(of.target()),
                                        Text.number(mean(of, Influence.Example::firstOrder)),
                                        Text.number(mean(of, Influence.Example::secondOrder)),
                                        Text.number(mean(of, Influence.Example::measured)),
                                        Text.number(mean(of, Influence.Example::targetCosine)),
                                        Text.number(mean(of, Influence.Example::retainCosine)),
                                        Text.number(together(of)),
                                        areaOf(model))));
        return new Document.Section(
                "models",
                "What one step on one example brings back",
                List.of(
                        "One plain gradient step on a single forget example, and what it does to"
                            + " the"
                            + " cross-entropy of all forget rows: predicted from the gradient"
                            + " (first"
                            + " order) and with the Hessian (second), and measured by making the"
                            + " step. Means over the same examples at each model."),
                List.of(),
                List.of(
                        new Document.Table(
                                "Forget CE and gains in nats a token; cosines of an example's"
                                    + " gradient with those of forget and retain CE, and of two"
                                    + " examples'"
                                    + " gradients (no unit); A as the attack measured it (mean"
                                    + " height of"
                                    + " the recovery).",
                                List.of(
                                        "model",
                                        "forget CE",
                                        "gain, first order",
                                        "gain, second order",
                                        "gain, measured",
                                        "cosine, forget",
                                        "cosine, retain",
                                        "cosine, two examples",
                                        "A of the attack"),
                                rows)));
    }

    private OptionalDouble area(String model) {
        return subjects.run().isPresent()
                ? subjects.run().get().findings().area(model, subjects.seed().orElseThrow())
                : OptionalDouble.empty();
    }

    private String areaOf(String model) {
        OptionalDouble area = area(model);
        return area.isPresent() ? Text.number(area.getAsDouble()) : "–";
    }

    private Document.Section predictions() {
        List<Figure> figures = new ArrayList<>();
        for (String model : drawn) {
            if (found.containsKey(model)) {
                figures.add(prediction(model, found.get(model)));
            }
        }
        return new Document.Section(
                "predictions",
                "Predicted against measured",
                List.of(
                        "Where a mark meets the black one, the prediction is right. Second order"
                            + " fails"
                            + " where the step is long for the curvature."),
                figures,
                List.of());
    }

    private static Figure prediction(String model, Influence of) {
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

    private Document.Section examples() {
        List<Figure> figures = new ArrayList<>();
        for (String model : drawn) {
            if (found.containsKey(model)) {
                figures.add(best(model, found.get(model)));
            }
        }
        return new Document.Section(
                "examples",
                "Which examples undo most",
                List.of(
                        "The examples of the largest measured gain, with both predictions. A"
                            + " negative"
                            + " gain makes the other forget rows worse."),
                figures,
                List.of());
    }

    private Figure best(String model, Influence of) {
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

    private Document.Section gram() {
        List<Figure> figures = new ArrayList<>();
        for (String model : drawn) {
            if (found.containsKey(model)) {
                HeatMap map =
                        new HeatMap(
                                "Angles between examples' gradients: " + model,
                                "Gram matrix over norms; orange: the same way, blue: against each"
                                    + " other",
                                HeatMap.Side.of(names),
                                HeatMap.Side.of(names),
                                cosines(found.get(model).gram()),
                                Shades.SIGNED,
                                "cosine (no unit)",
                                List.of());
                figures.add(
                        Figure.of(
                                "gram-" + model,
                                "gram",
                                "Cosine of the gradients of every two examples at "
                                        + model
                                        + ". Exact.",
                                map));
            }
        }
        return new Document.Section(
                "gram",
                "How examples pull together",
                List.of("Where examples pull one way, a step on one helps the others."),
                figures,
                List.of());
    }

    private static double[][] cosines(double[][] gram) {
        double[][] cosines = new double[gram.length][gram.length];
        for (int i = 0; i < gram.length; i++) {
            for (int j = 0; j < gram.length; j++) {
                double size = Math.sqrt(gram[i][i] * gram[j][j]);
                cosines[i][j] = size == 0 ? 0 : gram[i][j] / size;
            }
        }
        return cosines;
    }

    private void cells(Answer.Builder answer, String model, Influence of) {
        answer.cell(model, "forget_ce", "", of.target());
        for (Influence.Example one : of.examples()) {
            String name = names.get(one.row());
            answer.cell(model, "norm", name, one.norm());
            answer.cell(model, "forget_cosine", name, one.targetCosine());
            answer.cell(model, "retain_cosine", name, one.retainCosine());
            answer.cell(model, "gain_first_order", name, one.firstOrder());
            answer.cell(model, "gain_second_order", name, one.secondOrder());
            answer.cell(model, "gain_measured", name, one.measured());
        }
        answer.tensor(model + ".gram", of.gram());
    }
}
