package dev.lethe.tools.study;

import dev.lethe.model.study.Anatomy;
import dev.lethe.model.study.ParameterNorm;
import dev.lethe.model.study.ParameterPlace;
import dev.lethe.tools.report.figure.Axis;
import dev.lethe.tools.report.figure.Chart;
import dev.lethe.tools.report.figure.Dots;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.figure.Line;
import dev.lethe.tools.report.figure.Look;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.Function;

/// Where gradients at one model are, as figures: by layer, kind and token position, of whole
/// objectives or of their terms.
///
/// @param model by name
/// @param of what, in the plural
/// @param prefix of figures' names
/// @param note how they are weighted
/// @param all by name, the same in every figure
record AnatomyPlaces(
        String model, String of, String prefix, String note, SequencedMap<String, Pull> all) {
    static final double ROUNDING = 1e-12; // what is smaller has no place on a log axis
    private static final String EXACT = "Exact: forward and backward passes over all rows.";

    /// A gradient by place.
    private record Pull(List<ParameterNorm> norms, double[][] byPosition) {}

    static AnatomyPlaces ofObjectives(String model, Anatomy anatomy) {
        SequencedMap<String, Pull> all = new LinkedHashMap<>();
        for (Anatomy.OfObjective one : anatomy.objectives()) {
            all.put(one.name(), new Pull(one.norms(), one.byPosition()));
        }
        return new AnatomyPlaces(
                model, "objectives", "objectives-", "Whole objectives, as training has them", all);
    }

    static AnatomyPlaces ofTerms(String model, Anatomy anatomy) {
        SequencedMap<String, Pull> all = new LinkedHashMap<>();
        AnatomyTerms.of(anatomy)
                .forEach(
                        (name, term) -> all.put(name, new Pull(term.norms(), term.byPosition())));
        return new AnatomyPlaces(model, "terms", "", "Each term without its weight", all);
    }

    List<Figure> figures() {
        return List.of(layers(), kinds(), positions(false), positions(true));
    }

    /// Norms over the parameters of each layer.
    private Figure layers() {
        return norms("layer", "by-layer", ParameterPlace::group);
    }

    /// Norms over the parameters of each kind.
    private Figure kinds() {
        return norms(
                "kind of parameter",
                "by-kind",
                place -> place.kind().name().toLowerCase(Locale.ROOT));
    }

    private Figure norms(String by, String name, Function<ParameterPlace, String> key) {
        DotsByName drawn = new DotsByName();
        all.forEach(
                (pulling, pull) ->
                        ParameterNorm.by(key, pull.norms())
                                .forEach(
                                        (group, norm) -> {
                                            int at = drawn.line(group);
                                            if (norm > ROUNDING) {
                                                drawn.add(pulling, Dots.Dot.of(at, norm));
                                            }
                                        }));
        Dots dots =
                drawn.dots(
                        "Gradients of %s at %s by %s".formatted(of, model, by),
                        note,
                        Axis.logarithmic("norm of the gradient (loss per unit of weight)"),
                        this::look,
                        List.of());
        return Figure.of(
                name(name),
                "places",
                "Norm of the gradient of %s over the parameters of each %s, at %s. %s"
                        .formatted(of, by, model, EXACT),
                dots);
    }

    /// Norms by the stream at each token position, before the first layer or after the last.
    private Figure positions(boolean last) {
        List<Line> lines = new ArrayList<>();
        int depth = all.values().stream().mapToInt(p -> p.byPosition().length).max().orElse(1) - 1;
        all.forEach(
                (pulling, pull) -> {
                    int at = last ? depth : 0;
                    if (at < pull.byPosition().length) {
                        lines.add(
                                new Line(pulling, look(pulling), spots(pull.byPosition()[at])));
                    }
                });
        String where = last ? "after the last layer" : "before the first layer";
        Chart chart =
                new Chart(
                        "Gradients of %s at %s by position".formatted(of, model),
                        "By the residual stream %s, over all rows. %s".formatted(where, note),
                        Axis.steps("token position (0 begins the row)"),
                        Axis.logarithmic("norm of the gradient (loss per unit)"),
                        lines,
                        List.of(),
                        true);
        return Figure.of(
                name(last ? "by-position-last" : "by-position"),
                "places",
                "Norm of the gradient of %s by the residual stream %s at each token position, at %s. %s"
                        .formatted(of, where, model, EXACT),
                chart);
    }

    private static List<Line.Spot> spots(double[] norms) {
        List<Line.Spot> spots = new ArrayList<>();
        for (int t = 0; t < norms.length; t++) {
            if (norms[t] > ROUNDING) {
                spots.add(new Line.Spot(t, norms[t], norms[t], norms[t]));
            }
        }
        return spots;
    }

    private String name(String figure) {
        return prefix + figure + "-" + AnatomyFigures.fileName(model);
    }

    private Look look(String name) {
        return Look.nth(List.copyOf(all.keySet()).indexOf(name));
    }
}
