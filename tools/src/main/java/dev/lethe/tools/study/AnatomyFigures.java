package dev.lethe.tools.study;

import dev.lethe.model.gradients.LogitGradient;
import dev.lethe.model.study.Anatomy;
import dev.lethe.model.study.Cosines;
import dev.lethe.model.study.ParameterNorm;
import dev.lethe.model.study.ParameterPlace;
import dev.lethe.tools.report.figure.Axis;
import dev.lethe.tools.report.figure.Chart;
import dev.lethe.tools.report.figure.Dots;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.figure.HeatMap;
import dev.lethe.tools.report.figure.Line;
import dev.lethe.tools.report.figure.Look;
import dev.lethe.tools.report.figure.Mark;
import dev.lethe.tools.report.figure.Shades;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.Function;

/// The figures of anatomies.
///
/// @param found by model
record AnatomyFigures(SequencedMap<String, Anatomy> found) {
    private static final double ROUNDING = 1e-12; // what is smaller has no place on a log axis
    private static final String EXACT = "Exact: forward and backward passes over all rows.";

    /// How hard each term pulls at a token's logits, at every model.
    Figure goals() {
        DotsByName drawn = new DotsByName();
        found.forEach(
                (model, anatomy) -> {
                    int at = drawn.line(model);
                    AnatomyTerms.of(anatomy)
                            .forEach(
                                    (name, term) ->
                                            term.byLogits()
                                                    .map(of -> spread(at, of.after()))
                                                    .ifPresent(dot -> drawn.add(name, dot)));
                });
        Dots dots =
                drawn.dots(
                        "Which loss stops pulling",
                        "Mean |p - y| over counted tokens; whisker to the token of the largest",
                        Axis.linear("gradient by a token's logits, |p - y| (no unit)"),
                        this::look,
                        List.of(Mark.x(0, "goal reached"), Mark.x(1, "p(target) = 0: 1 to √2")));
        return Figure.of(
                "logit-gradient",
                "goals",
                "Length of each term's gradient by a token's logits, after the soft-cap: mean over"
                        + " tokens, with a whisker to the largest. "
                        + EXACT,
                dots);
    }

    private static Dots.Dot spread(int at, LogitGradient.Side side) {
        return new Dots.Dot(at, side.tokenNorm(), side.tokenNorm(), side.largestTokenNorm());
    }

    /// Norms over the parameters of each layer.
    Figure layers(String model) {
        return norms(model, "layer", "by-layer", ParameterPlace::group);
    }

    /// Norms over the parameters of each kind.
    Figure kinds(String model) {
        return norms(
                model,
                "kind of parameter",
                "by-kind",
                place -> place.kind().name().toLowerCase(Locale.ROOT));
    }

    private Figure norms(
            String model, String by, String name, Function<ParameterPlace, String> key) {
        DotsByName drawn = new DotsByName();
        AnatomyTerms.of(found.get(model))
                .forEach(
                        (term, of) ->
                                ParameterNorm.by(key, of.norms())
                                        .forEach(
                                                (group, norm) -> {
                                                    int at = drawn.line(group);
                                                    if (norm > ROUNDING) {
                                                        drawn.add(term, Dots.Dot.of(at, norm));
                                                    }
                                                }));
        Dots dots =
                drawn.dots(
                        "Gradients at " + model + " by " + by,
                        "Each term without its weight",
                        Axis.logarithmic("norm of the gradient (loss per unit of weight)"),
                        this::look,
                        List.of());
        return Figure.of(
                name + "-" + model,
                "places",
                "Norm of the gradient of each term over the parameters of each %s, at %s. %s"
                        .formatted(by, model, EXACT),
                dots);
    }

    /// Norms by the stream at each token position.
    Figure positions(String model) {
        List<Line> lines = new ArrayList<>();
        AnatomyTerms.of(found.get(model))
                .forEach(
                        (term, of) -> {
                            List<Line.Spot> spots = new ArrayList<>();
                            double[] norms = of.byPosition()[0];
                            for (int t = 0; t < norms.length; t++) {
                                if (norms[t] > ROUNDING) {
                                    spots.add(new Line.Spot(t, norms[t], norms[t], norms[t]));
                                }
                            }
                            lines.add(new Line(term, look(term), spots));
                        });
        Chart chart =
                new Chart(
                        "Gradients at " + model + " by token position",
                        "Of the scaled embeddings, over all rows; each term without its weight",
                        Axis.steps("token position (0 begins the row)"),
                        Axis.logarithmic("norm of the gradient (loss per unit)"),
                        lines,
                        List.of(),
                        true);
        return Figure.of(
                "by-position-" + model,
                "places",
                "Norm of the gradient of each term by the input of the first layer at each token"
                    + " position, at " + model + ". " + EXACT,
                chart);
    }

    /// Cosines of every two gradients.
    Figure cosines(String model) {
        Cosines cosines = found.get(model).cosines();
        List<String> names = cosines.names();
        HeatMap map =
                new HeatMap(
                        "Angles between gradients at " + model,
                        "Over all parameters; orange: the same way, blue: against each other",
                        HeatMap.Side.of(names),
                        HeatMap.Side.of(names),
                        cosines.overall(),
                        Shades.SIGNED,
                        "cosine (no unit)",
                        List.of());
        return Figure.of(
                "cosines-" + model,
                "angles",
                "Cosine of the gradients of every two objectives and terms at " + model + ". "
                        + EXACT,
                map);
    }

    /// A term's look, the same in every figure.
    private Look look(String term) {
        List<String> all = List.copyOf(AnatomyTerms.of(found.firstEntry().getValue()).keySet());
        return Look.nth(all.indexOf(term));
    }
}
