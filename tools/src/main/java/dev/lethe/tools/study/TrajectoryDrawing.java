package dev.lethe.tools.study;

import dev.lethe.model.study.Movement;
import dev.lethe.model.study.Undoing;
import dev.lethe.tools.report.figure.Axis;
import dev.lethe.tools.report.figure.Chart;
import dev.lethe.tools.report.figure.Dots;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.figure.Line;
import dev.lethe.tools.report.figure.Look;
import dev.lethe.tools.report.figure.Mark;
import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.report.page.Document;
import dev.lethe.tools.study.TrajectoryReport.Seen;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// Trajectories as figures, tables and rows.
record TrajectoryDrawing(
        SequencedMap<String, List<Seen>> unlearning,
        SequencedMap<String, List<Seen>> relearning,
        TrajectoryReport.Form form) {
    Answer answer() {
        Answer.Builder answer = new Answer.Builder();
        unlearning.forEach(
                (model, seen) ->
                        answer.finding(
                                "%s: moved %s%% of base's length; the training made again ended"
                                    + " with the bits of the stored model",
                                model,
                                Text.number(
                                        100 * seen.getLast().movement().whole().relative())));
        relearning.forEach(
                (model, seen) ->
                        seen.getLast()
                                .undoing()
                                .ifPresent(
                                        undoing ->
                                                answer.finding(
                                                        "%s: %d attack steps undo %s of the"
                                                            + " displacement (cosine %s with the way back) and end %s times as far from base",
                                                        model,
                                                        seen.getLast().step(),
                                                        Text.number(undoing.whole().fraction()),
                                                        Text.number(undoing.whole().cosine()),
                                                        Text.number(
                                                                undoing.whole().remaining()))));
        answer.section(away()).section(back());
        unlearning.forEach((model, seen) -> cells(answer, model, "unlearning", seen));
        relearning.forEach((model, seen) -> cells(answer, model, "relearning", seen));
        return answer.build();
    }

    private Document.Section away() {
        List<Figure> figures =
                List.of(
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
                                seen -> relative(seen.movement())),
                        groups(
                                "unlearning-angles",
                                "How far unlearning turns each layer",
                                "angle to base (radians)",
                                seen -> angles(seen.movement())),
                        groups(
                                "unlearning-ranks",
                                "How many directions unlearning uses",
                                "effective rank of the displacement (mean over matrices)",
                                seen -> ranks(seen.movement())),
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
        return new Document.Section(
                "away",
                "Along unlearning",
                List.of(
                        "The run's own training, made again and looked at on the way. Exact. The"
                            + " effective rank is the exponential of the entropy of the singular"
                            + " values"
                            + " (Roy and Vetterli 2007)."),
                figures,
                List.of(table(unlearning)));
    }

    private Document.Section back() {
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
        return new Document.Section(
                "back",
                "Along relearning",
                List.of(
                        Text.format(
                                "The run's attack at learning rate %s, made again for %d steps. The"
                                    + " share taken back is the attack's displacement along the way"
                                    + " back to base, over the length of that way: 1 where all of"
                                    + " it"
                                    + " is undone, whatever else changed.",
                                Words.plain(form.attack().rate()), form.attack().steps())),
                figures,
                List.of(table(relearning)));
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

    private Figure groups(
            String name,
            String title,
            String axis,
            Function<Seen, SequencedMap<String, Double>> value) {
        Map<String, Look> looks = Look.ofAll(List.copyOf(unlearning.keySet()));
        List<String> groups = new ArrayList<>();
        List<Dots.Series> series = new ArrayList<>();
        unlearning.forEach(
                (model, all) -> {
                    List<Dots.Dot> dots = new ArrayList<>();
                    value.apply(all.getLast())
                            .forEach(
                                    (group, number) -> {
                                        if (!groups.contains(group)) {
                                            groups.add(group);
                                        }
                                        dots.add(Dots.Dot.of(groups.indexOf(group), number));
                                    });
                    series.add(new Dots.Series(model, looks.get(model), dots));
                });
        Dots dots =
                new Dots(
                        title,
                        "After the last step of unlearning; one seed, exact",
                        Axis.linear(axis),
                        groups,
                        series,
                        List.of(Mark.x(0, "")));
        return Figure.of(name, "away", title + ": " + axis + ".", dots);
    }

    private static SequencedMap<String, Double> relative(Movement movement) {
        SequencedMap<String, Double> values = new LinkedHashMap<>();
        movement.byGroup().forEach((group, shift) -> values.put(group, shift.relative()));
        return values;
    }

    private static SequencedMap<String, Double> angles(Movement movement) {
        SequencedMap<String, Double> values = new LinkedHashMap<>();
        movement.byGroup().forEach((group, shift) -> values.put(group, shift.angle()));
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
        List<String> groups = new ArrayList<>();
        List<Dots.Series> series = new ArrayList<>();
        undone.forEach(
                (model, all) -> {
                    List<Dots.Dot> dots = new ArrayList<>();
                    for (Map.Entry<String, Undoing.Part> part :
                            all.getLast().undoing().orElseThrow().byGroup().entrySet()) {
                        if (!groups.contains(part.getKey())) {
                            groups.add(part.getKey());
                        }
                        if (part.getValue().remaining() > 0) { // the group had moved
                            dots.add(
                                    Dots.Dot.of(
                                            groups.indexOf(part.getKey()),
                                            part.getValue().fraction()));
                        }
                    }
                    series.add(new Dots.Series(model, looks.get(model), dots));
                });
        Dots dots =
                new Dots(
                        "Where the attack undoes unlearning",
                        "After the last step of the attack; one seed, exact",
                        Axis.linear("share of the layer's displacement taken back"),
                        groups,
                        series,
                        List.of(Mark.x(0, "nothing"), Mark.x(1, "all")));
        return Figure.of(
                "relearning-layers",
                "back",
                "Share of each layer's displacement by unlearning that the attack takes back;"
                    + " layers that unlearning did not move have no dot.",
                dots);
    }

    private static Document.Table table(Map<String, List<Seen>> of) {
        List<List<String>> rows = new ArrayList<>();
        of.forEach(
                (model, all) ->
                        all.forEach(
                                seen ->
                                        rows.add(
                                                List.of(
                                                        model + ", step " + seen.step(),
                                                        Text.number(
                                                                seen.movement().whole().distance()),
                                                        Text.number(
                                                                seen.movement().whole().angle()),
                                                        Text.number(seen.pull().forgetCe()),
                                                        Text.number(seen.pull().forgetNorm()),
                                                        Text.number(seen.pull().retainNorm()),
                                                        Text.number(seen.pull().cosine()),
                                                        seen.undoing()
                                                                .map(
                                                                        u ->
                                                                                Text.number(
                                                                                        u.whole()
                                                                                                .fraction()))
                                                                .orElse("–")))));
        return new Document.Table(
                "Distance (Euclidean) and angle (radians) from the start, forget CE (nats a token),"
                    + " norms of the gradients of forget and retain CE (nats per unit of weight)"
                    + " and"
                    + " their cosine, share undone.",
                List.of(
                        "model and step",
                        "distance",
                        "angle",
                        "forget CE",
                        "|g forget|",
                        "|g retain|",
                        "cosine",
                        "undone"),
                rows);
    }

    private static void cells(
            Answer.Builder answer, String model, String training, List<Seen> all) {
        for (Seen seen : all) {
            long step = seen.step();
            String prefix = training + "_";
            answer.cell(model, prefix + "forget_ce", "", step, seen.pull().forgetCe());
            answer.cell(model, prefix + "forget_gradient_norm", "", step, seen.pull().forgetNorm());
            answer.cell(model, prefix + "retain_gradient_norm", "", step, seen.pull().retainNorm());
            answer.cell(model, prefix + "cosine", "", step, seen.pull().cosine());
            shift(answer, model, prefix, "", step, seen.movement().whole());
            seen.movement()
                    .byGroup()
                    .forEach((group, shift) -> shift(answer, model, prefix, group, step, shift));
            for (Movement.OfParameter one : seen.movement().parameters()) {
                one.rank()
                        .ifPresent(
                                rank ->
                                        answer.cell(
                                                model,
                                                prefix + "effective_rank",
                                                one.place().name(),
                                                step,
                                                rank.effective()));
            }
            seen.undoing()
                    .ifPresent(
                            undoing -> {
                                undone(answer, model, "", step, undoing.whole());
                                undoing.byGroup()
                                        .forEach((g, part) -> undone(answer, model, g, step, part));
                            });
        }
        for (Movement.OfParameter one : all.getLast().movement().parameters()) {
            one.rank()
                    .ifPresent(
                            rank ->
                                    answer.tensor(
                                            "%s.%s.singular_values.%s"
                                                    .formatted(
                                                            model, training, one.place().name()),
                                            rank.singularValues()));
        }
    }

    private static void shift(
            Answer.Builder answer,
            String model,
            String prefix,
            String group,
            long step,
            Movement.Shift shift) {
        answer.cell(model, prefix + "distance", group, step, shift.distance());
        answer.cell(model, prefix + "relative_distance", group, step, shift.relative());
        answer.cell(model, prefix + "angle", group, step, shift.angle());
    }

    private static void undone(
            Answer.Builder answer, String model, String group, long step, Undoing.Part part) {
        answer.cell(model, "undone_share", group, step, part.fraction());
        answer.cell(model, "undone_cosine", group, step, part.cosine());
        answer.cell(model, "remaining_distance", group, step, part.remaining());
    }
}
