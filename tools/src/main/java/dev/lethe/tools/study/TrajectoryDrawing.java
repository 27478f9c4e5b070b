package dev.lethe.tools.study;

import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.report.page.Document;
import dev.lethe.tools.study.TrajectoryReport.Seen;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// Trajectories as findings, sections and tables.
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
        TrajectoryCells cells = new TrajectoryCells(answer);
        unlearning.forEach((model, seen) -> cells.add(model, "unlearning", seen));
        relearning.forEach((model, seen) -> cells.add(model, "relearning", seen));
        return answer.build();
    }

    private TrajectoryFigures figures() {
        return new TrajectoryFigures(unlearning, relearning);
    }

    private Document.Section away() {
        return new Document.Section(
                "away",
                "Along unlearning",
                List.of(
                        "The run's own training, made again and looked at on the way. Exact. The"
                            + " effective rank is the exponential of the entropy of the singular"
                            + " values"
                            + " (Roy and Vetterli 2007)."),
                with(
                        figures().away(),
                        new TrajectoryLayers("away", "unlearning-pull-", "the loss being trained")
                                .of(unlearning)),
                List.of(table(unlearning)));
    }

    private Document.Section back() {
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
                with(
                        figures().back(),
                        new TrajectoryLayers("back", "relearning-pull-", "forget CE")
                                .of(relearning)),
                List.of(table(relearning)));
    }

    private static List<Figure> with(List<Figure> some, List<Figure> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
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
}
