package dev.lethe.tools.study;

import dev.lethe.model.spectra.Interval;
import dev.lethe.model.study.Prediction;
import dev.lethe.model.study.RankCorrelation;
import dev.lethe.tools.report.figure.Axis;
import dev.lethe.tools.report.figure.Chart;
import dev.lethe.tools.report.figure.Dots;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.figure.Line;
import dev.lethe.tools.report.figure.Look;
import dev.lethe.tools.report.figure.Mark;
import dev.lethe.tools.report.page.Document;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;

/// Rank correlations as figures, tables and rows.
///
/// @param runs that the models are of
/// @param traces of the Gauss-Newton matrix, one a case, with their 95% intervals
record PredictorsDrawing(
        int runs,
        List<Prediction.Case> cases,
        List<Interval> traces,
        List<Prediction> predictions) {
    Answer answer() {
        Answer.Builder answer = new Answer.Builder();
        answer.finding(
                "%d models of %s", cases.size(), runs == 1 ? "one run" : runs + " runs together");
        predictions.stream()
                .sorted(Comparator.comparingDouble(p -> -size(p.all())))
                .forEach(
                        p ->
                                answer.finding(
                                        "%s: Spearman correlation with R %s%s",
                                        p.predictor(),
                                        words(p.all()),
                                        holds(p)
                                                ? ", clear of 0 with any family left out"
                                                : ", not clear of 0 with every family left out"));
        answer.section(correlations()).section(measured());
        cells(answer);
        return answer.build();
    }

    private static double size(RankCorrelation of) {
        return Double.isNaN(of.r()) ? 0 : Math.abs(of.r());
    }

    private static boolean holds(Prediction prediction) {
        return prediction.all().isClear()
                && prediction.without().values().stream()
                        .allMatch(
                                one ->
                                        one.isClear()
                                                && Math.signum(one.r())
                                                        == Math.signum(prediction.all().r()));
    }

    private static String words(RankCorrelation of) {
        return Text.format(
                "%s (%s to %s, %d models)",
                Text.number(of.r()), Text.number(of.low()), Text.number(of.high()), of.pairs());
    }

    private Document.Section correlations() {
        SequencedMap<String, List<Dots.Dot>> series = new LinkedHashMap<>();
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < predictions.size(); i++) {
            Prediction one = predictions.get(i);
            add(series, "all models", i, one.all());
            List<String> row = new ArrayList<>(List.of(one.predictor(), words(one.all())));
            for (var without : one.without().entrySet()) {
                add(series, "without " + without.getKey(), i, without.getValue());
                row.add(words(without.getValue()));
            }
            rows.add(row);
        }
        List<Dots.Series> drawn = new ArrayList<>();
        series.forEach(
                (name, dots) -> drawn.add(new Dots.Series(name, Look.nth(drawn.size()), dots)));
        List<String> head = new ArrayList<>(List.of("number", "all models"));
        predictions.getFirst().without().keySet().forEach(left -> head.add("without " + left));
        Dots dots =
                new Dots(
                        "What orders models as the attack does",
                        "Spearman's rank correlation with R; whisker: 95% interval (Bonett,"
                            + " Wright)",
                        Axis.linear("rank correlation with robustness R (no unit)", -1.05, 1.05),
                        predictions.stream().map(Prediction::predictor).toList(),
                        drawn,
                        List.of(Mark.x(0, "")));
        return new Document.Section(
                "correlations",
                "Rank correlations with robustness",
                List.of(
                        "Each number is known before any attack. R is 0 for a model that relearns"
                            + " like"
                            + " its unlearned teacher, by definition for the unlearned models"
                            + " themselves, and 1 for one that relearns like filter. A number that"
                            + " only tells one way of making models from another loses its"
                            + " correlation where that family is left out. Models of one run share"
                            + " base, data and seed, so the intervals, which take models as"
                            + " independent, are too narrow; with this many numbers one may seem clear"
                            + " by chance. At a correlation of 1 or -1 the formula has no width: it"
                            + " is taken at the largest below, two neighbours changed about, so"
                            + " that a perfect order of few models is not clear of 0."),
                List.of(
                        Figure.of(
                                "correlations",
                                "correlations",
                                "Rank correlation of each number with R over all models, and with"
                                    + " each family of models left out, with 95% intervals.",
                                dots)),
                List.of(
                        new Document.Table(
                                "Spearman correlation with R, its 95% interval and the number of"
                                    + " models.",
                                head,
                                rows)));
    }

    private static void add(
            SequencedMap<String, List<Dots.Dot>> series, String name, int at, RankCorrelation of) {
        if (!Double.isNaN(of.r())) {
            boolean wide = !Double.isNaN(of.low());
            series.computeIfAbsent(name, _ -> new ArrayList<>())
                    .add(
                            new Dots.Dot(
                                    at,
                                    of.r(),
                                    wide ? of.low() : of.r(),
                                    wide ? of.high() : of.r()));
        }
    }

    private Document.Section measured() {
        List<Figure> figures = new ArrayList<>();
        predictions.stream()
                .sorted(Comparator.comparingDouble(p -> -size(p.all())))
                .limit(3)
                .forEach(p -> figures.add(scatter(p, figures.size() + 1)));
        List<String> head = new ArrayList<>(List.of("model", "R, measured"));
        predictions.forEach(p -> head.add(p.predictor()));
        List<List<String>> rows = new ArrayList<>();
        cases.stream()
                .sorted(Comparator.comparingDouble(Prediction.Case::outcome))
                .forEach(
                        one -> {
                            List<String> row = new ArrayList<>();
                            row.add(one.model());
                            row.add(Text.format("%.2f", one.outcome()));
                            one.numbers().forEach((name, n) -> row.add(shown(one, name, n)));
                            rows.add(row);
                        });
        return new Document.Section(
                "measured",
                "What was known, and what the attack found",
                List.of(),
                figures,
                List.of(
                        new Document.Table(
                                "All numbers by rising R; curvature in nats per squared unit of"
                                    + " weight. The trace is estimated, ± its 95% interval; all"
                                    + " else"
                                    + " is exact.",
                                head,
                                rows)));
    }

    private String shown(Prediction.Case one, String name, double value) {
        return name.equals(PredictorsReport.TRACE)
                ? Text.number(traces.get(cases.indexOf(one)))
                : Text.number(value);
    }

    private Figure scatter(Prediction prediction, int rank) {
        SequencedSet<String> families = new LinkedHashSet<>();
        cases.forEach(one -> families.add(one.method()));
        List<Line> lines = new ArrayList<>();
        for (String family : families) {
            lines.add(
                    new Line(
                            family,
                            Look.nth(lines.size()),
                            cases.stream()
                                    .filter(one -> one.method().equals(family))
                                    .map(
                                            one ->
                                                    new Line.Spot(
                                                            one.numbers()
                                                                    .get(prediction.predictor()),
                                                            one.outcome(),
                                                            one.outcome(),
                                                            one.outcome()))
                                    .sorted(Comparator.comparingDouble(Line.Spot::x))
                                    .toList()));
        }
        Chart chart =
                new Chart(
                        "Robustness against: " + prediction.predictor(),
                        "One dot a model and seed; Spearman " + words(prediction.all()),
                        Axis.linear(prediction.predictor()),
                        Axis.linear("robustness R (no unit)"),
                        lines,
                        List.of(),
                        false);
        return Figure.of(
                "predictor-" + rank,
                "measured",
                "R of each model against the number of the strength of correlation number "
                        + rank
                        + ": "
                        + prediction.predictor()
                        + ".",
                chart);
    }

    private void cells(Answer.Builder answer) {
        for (int i = 0; i < cases.size(); i++) {
            Prediction.Case one = cases.get(i);
            answer.cell(one.model(), "robustness", "", one.outcome());
            one.numbers().forEach((name, value) -> answer.cell(one.model(), "number", name, value));
            Interval trace = traces.get(i);
            answer.cell(
                    new Answer.Cell(
                            one.model(),
                            "gauss_newton_trace",
                            "",
                            Double.NaN,
                            trace.mean(),
                            trace.low(),
                            trace.high()));
        }
        for (Prediction one : predictions) {
            cell(answer, "all", one.predictor(), one.all());
            one.without()
                    .forEach((left, of) -> cell(answer, "without " + left, one.predictor(), of));
        }
    }

    private static void cell(
            Answer.Builder answer, String models, String predictor, RankCorrelation of) {
        answer.cell(
                new Answer.Cell(
                        models,
                        "spearman",
                        predictor,
                        Double.NaN,
                        of.r(),
                        of.low(),
                        of.high()));
    }
}
