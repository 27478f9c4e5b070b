package dev.lethe.tools.study;

import dev.lethe.model.study.Influence;
import dev.lethe.model.study.RankCorrelation;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.page.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;

/// Gains of single examples as findings, sections, tables and rows.
///
/// @param names of the examples
/// @param raw gradients, as far as they fit
record InfluenceDrawing(
        SequencedMap<String, Influence> found,
        List<String> drawn,
        List<String> names,
        Subjects subjects,
        RawGradients raw) {
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
        found.forEach((model, of) -> new InfluenceCells(answer, names).add(model, of));
        raw.add(answer);
        return answer.build();
    }

    private InfluenceFigures figures() {
        return new InfluenceFigures(names);
    }

    /// Of the models that are drawn.
    private List<Figure> drawn(BiFunction<String, Influence, Figure> figure) {
        return drawn.stream()
                .filter(found::containsKey)
                .map(model -> figure.apply(model, found.get(model)))
                .toList();
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
        return subjects.find(model)
                .flatMap(Subject::origin)
                .map(of -> of.run().findings().area(of.member().name(), of.member().seed()))
                .orElse(OptionalDouble.empty());
    }

    private String areaOf(String model) {
        OptionalDouble area = area(model);
        return area.isPresent() ? Text.number(area.getAsDouble()) : "–";
    }

    private Document.Section predictions() {
        return new Document.Section(
                "predictions",
                "Predicted against measured",
                List.of(
                        "Where a mark meets the black one, the prediction is right. Second order"
                            + " fails"
                            + " where the step is long for the curvature."),
                drawn(figures()::prediction),
                List.of());
    }

    private Document.Section examples() {
        return new Document.Section(
                "examples",
                "Which examples undo most",
                List.of(
                        "The examples of the largest measured gain, with both predictions. A"
                            + " negative"
                            + " gain makes the other forget rows worse."),
                drawn(figures()::best),
                List.of());
    }

    private Document.Section gram() {
        return new Document.Section(
                "gram",
                "How examples pull together",
                List.of("Where examples pull one way, a step on one helps the others."),
                drawn(figures()::gram),
                List.of());
    }

    /// Of the gradients of every two examples.
    static double[][] cosines(double[][] gram) {
        double[][] cosines = new double[gram.length][gram.length];
        for (int i = 0; i < gram.length; i++) {
            for (int j = 0; j < gram.length; j++) {
                double size = Math.sqrt(gram[i][i] * gram[j][j]);
                cosines[i][j] = size == 0 ? 0 : gram[i][j] / size;
            }
        }
        return cosines;
    }
}
