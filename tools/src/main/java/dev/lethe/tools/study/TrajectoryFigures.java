package dev.lethe.tools.study;

import dev.lethe.model.study.Movement;
import dev.lethe.tools.report.figure.Axis;
import dev.lethe.tools.report.figure.Chart;
import dev.lethe.tools.report.figure.Dots;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.figure.Line;
import dev.lethe.tools.report.figure.Look;
import dev.lethe.tools.report.figure.Mark;
import dev.lethe.tools.study.TrajectoryReport.Seen;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// The figures of trajectories.
record TrajectoryFigures(
        SequencedMap<String, List<Seen>> unlearning, SequencedMap<String, List<Seen>> relearning) {
    /// Along unlearning.
    List<Figure> away() {
        return List.of(
                curve(
                        "unlearning-distance",
                        "away",
                        "How far unlearning moves the weights",
                        unlearning,
                        Axis.linear("displacement (share of base's length)"),
                        seen -> seen.movement().whole().relative()),
                groups(
                        "unlearning-layers",
                        "Which layers unlearning moves",
                        "displacement (share of the layer's length in base)",
                        movement -> values(movement, Movement.Shift::relative)),
                groups(
                        "unlearning-angles",
                        "How far unlearning turns each layer",
                        "angle to base (radians)",
                        movement -> values(movement, Movement.Shift::angle)),
                groups(
                        "unlearning-ranks",
                        "How many directions unlearning uses",
                        "effective rank of the displacement (mean over matrices)",
                        TrajectoryFigures::ranks),
                curve(
                        "unlearning-gradient",
                        "away",
                        "The pull of relearning while a model unlearns",
                        unlearning,
                        Axis.linear("|gradient of forget CE| (nats per unit)"),
                        seen -> seen.pull().forgetNorm()),
                curve(
                        "unlearning-cosine",
                        "away",
                        "Forget against retain while a model unlearns",
                        unlearning,
                        Axis.linear("cosine of forget and retain gradient"),
                        seen -> seen.pull().cosine()));
    }

    /// Along relearning; what undoes unlearning is of the models that unlearned alone.
    List<Figure> back() {
        SequencedMap<String, List<Seen>> undone = new LinkedHashMap<>(relearning);
        undone.values().removeIf(seen -> seen.getLast().undoing().isEmpty());
        List<Figure> figures = new ArrayList<>();
        figures.add(
                curve(
                        "relearning-undone",
                        "back",
                        "How much of unlearning the attack undoes",
                        undone,
                        Axis.linear("share of the displacement taken back"),
                        seen -> seen.undoing().orElseThrow().whole().fraction()));
        figures.add(
                curve(
                        "relearning-remaining",
                        "back",
                        "How far from base the attack ends",
                        undone,
                        Axis.linear("distance from base (before the attack: 1)"),
                        seen -> seen.undoing().orElseThrow().whole().remaining()));
        if (!undone.isEmpty()) {
            figures.add(undoneByLayer(undone));
        }
        figures.add(
                curve(
                        "relearning-distance",
                        "back",
                        "How far the attack moves the weights",
                        relearning,
                        Axis.linear("displacement (share of the start's length)"),
                        seen -> seen.movement().whole().relative()));
        figures.add(
                curve(
                        "relearning-ce",
                        "back",
                        "What the attack gains",
                        relearning,
                        Axis.linear("forget CE (nats a token)"),
                        seen -> seen.pull().forgetCe()));
        return figures;
    }

    private static Figure curve(
            String name,
            String section,
            String title,
            Map<String, List<Seen>> of,
            Axis y,
            ToDoubleFunction<Seen> value) {
        Map<String, Look> looks = Look.ofAll(List.copyOf(of.keySet()));
        List<Line> lines = new ArrayList<>();
        of.forEach(
                (model, all) ->
                        lines.add(
                                new Line(
                                        model,
                                        looks.get(model),
                                        all.stream()
                                                .map(
                                                        seen -> {
                                                            double at = value.applyAsDouble(seen);
                                                            return new Line.Spot(
                                                                    seen.step(), at, at, at);
                                                        })
                                                .toList())));
        Chart chart =
                new Chart(
                        title,
                        "One seed; exact at each step shown",
                        Axis.steps("steps (updates)"),
                        y,
                        lines,
                        List.of(),
                        true);
        return Figure.of(name, section, title + ", by step: " + y.label() + ".", chart);
    }

    /// A number of every layer after the last step of unlearning.
    private Figure groups(
            String name,
            String title,
            String axis,
            Function<Movement, SequencedMap<String, Double>> value) {
        Map<String, Look> looks = Look.ofAll(List.copyOf(unlearning.keySet()));
        DotsByName drawn = new DotsByName();
        unlearning.forEach(
                (model, all) -> {
                    drawn.series(model);
                    value.apply(all.getLast().movement())
                            .forEach((group, number) -> drawn.add(model, group, number));
                });
        Dots dots =
                drawn.dots(
                        title,
                        "After the last step of unlearning; one seed, exact",
                        Axis.linear(axis),
                        looks::get,
                        List.of(Mark.x(0, "")));
        return Figure.of(name, "away", title + ": " + axis + ".", dots);
    }

    private static SequencedMap<String, Double> values(
            Movement movement, ToDoubleFunction<Movement.Shift> number) {
        SequencedMap<String, Double> values = new LinkedHashMap<>();
        movement.byGroup()
                .forEach((group, shift) -> values.put(group, number.applyAsDouble(shift)));
        return values;
    }

    /// Mean over the matrices of a group that moved.
    private static SequencedMap<String, Double> ranks(Movement movement) {
        SequencedMap<String, List<Double>> ranks = new LinkedHashMap<>();
        for (Movement.OfParameter one : movement.parameters()) {
            one.rank()
                    .filter(rank -> rank.effective() > 0)
                    .ifPresent(
                            rank ->
                                    ranks.computeIfAbsent(
                                                    one.place().group(), _ -> new ArrayList<>())
                                            .add(rank.effective()));
        }
        SequencedMap<String, Double> means = new LinkedHashMap<>();
        ranks.forEach(
                (group, all) ->
                        means.put(
                                group,
                                all.stream().mapToDouble(r -> r).average().orElseThrow()));
        return means;
    }

    private static Figure undoneByLayer(Map<String, List<Seen>> undone) {
        Map<String, Look> looks = Look.ofAll(List.copyOf(undone.keySet()));
        DotsByName drawn = new DotsByName();
        undone.forEach(
                (model, all) -> {
                    drawn.series(model);
                    all.getLast()
                            .undoing()
                            .orElseThrow()
                            .byGroup()
                            .forEach(
                                    (group, part) -> {
                                        int at = drawn.line(group);
                                        if (part.remaining() > 0) { // the group had moved
                                            drawn.add(model, Dots.Dot.of(at, part.fraction()));
                                        }
                                    });
                });
        Dots dots =
                drawn.dots(
                        "Where the attack undoes unlearning",
                        "After the last step of the attack; one seed, exact",
                        Axis.linear("share of the layer's displacement taken back"),
                        looks::get,
                        List.of(Mark.x(0, "nothing"), Mark.x(1, "all")));
        return Figure.of(
                "relearning-layers",
                "back",
                "Share of each layer's displacement by unlearning that the attack takes back;"
                    + " layers that unlearning did not move have no dot.",
                dots);
    }
}
