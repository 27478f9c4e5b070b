package dev.lethe.tools.study;

import dev.lethe.model.gradients.LogitGradient;
import dev.lethe.model.study.Anatomy;
import dev.lethe.model.study.Cosines;
import dev.lethe.tools.report.figure.Axis;
import dev.lethe.tools.report.figure.Dots;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.figure.HeatMap;
import dev.lethe.tools.report.figure.Look;
import dev.lethe.tools.report.figure.Mark;
import dev.lethe.tools.report.figure.Shades;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/// The figures of anatomies.
///
/// @param found by model
record AnatomyFigures(SequencedMap<String, Anatomy> found) {
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
                "cosines-" + fileName(model),
                "angles",
                "Cosine of the gradients of every two objectives and terms at " + model + ". "
                        + EXACT,
                map);
    }

    /// Cosines by layer: of each objective's forgetting and keeping, and of every two objectives.
    Figure cosinesByLayer(String model) {
        Cosines cosines = found.get(model).cosines();
        List<AnatomyPair> pairs = AnatomyPair.of(found.get(model));
        List<String> groups = new ArrayList<>(List.of("all layers"));
        groups.addAll(cosines.byGroup().keySet());
        double[][] values = new double[pairs.size()][groups.size()];
        for (int row = 0; row < values.length; row++) {
            AnatomyPair pair = pairs.get(row);
            values[row][0] = pair.in(cosines.overall(), cosines);
            int column = 1;
            for (double[][] ofGroup : cosines.byGroup().values()) {
                values[row][column++] = pair.in(ofGroup, cosines);
            }
        }
        HeatMap map =
                new HeatMap(
                        "Angles between gradients at " + model + " by layer",
                        "Orange: the same way, blue: against each other; 0 where one is zero",
                        HeatMap.Side.of(groups),
                        HeatMap.Side.of(pairs.stream().map(AnatomyPair::words).toList()),
                        values,
                        Shades.SIGNED,
                        "cosine (no unit)",
                        List.of());
        return Figure.of(
                "cosines-by-layer-" + fileName(model),
                "angles",
                "Cosine of the gradients of forgetting and keeping in each objective, and of every"
                        + " two objectives, over the parameters of each layer at "
                        + model
                        + ". "
                        + EXACT,
                map);
    }

    /// A model's name as a part of a file's.
    static String fileName(String model) {
        return model.replace('/', '-');
    }

    /// A term's look, the same in every figure.
    private Look look(String term) {
        List<String> all = List.copyOf(AnatomyTerms.of(found.firstEntry().getValue()).keySet());
        return Look.nth(all.indexOf(term));
    }
}
