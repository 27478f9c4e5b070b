package dev.lethe.tools.report.figure;

import dev.lethe.tools.report.figure.Line.Spot;
import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.results.Ability;
import dev.lethe.tools.report.results.Attack;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.LongStream;

/// What is retained before the attack against what is forgotten after no, some and all of its
/// steps.
final class ParetoFigure {
    private ParetoFigure() {}

    static Optional<Figure> of(Findings findings) {
        long last = findings.results().lastStep(Attack.RELEARN).orElse(0);
        List<Long> steps =
                LongStream.of(0, findings.thresholds().horizon(), last)
                        .distinct()
                        .filter(step -> step <= last)
                        .boxed()
                        .toList();
        if (last == 0 || findings.undone().isEmpty()) {
            return Optional.empty();
        }
        boolean accuracy = findings.ability() == Ability.ACCURACY;
        Axis heights =
                accuracy
                        ? Axis.share("forget accuracy (lower is better)")
                        : Axis.linear("forget CE (nats a token, higher is better)");
        String retain = accuracy ? "retain accuracy" : "retain CE (nats)";
        List<Chart> charts =
                steps.stream()
                        .map(
                                step ->
                                        new Chart(
                                                "",
                                                "",
                                                Axis.linear(retain + ", " + after(step)),
                                                heights,
                                                lines(findings, step),
                                                List.of(),
                                                false))
                        .toList();
        if (charts.getFirst().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                Figure.wide(
                        "pareto",
                        "undo-on-pareto-front",
                        "Ability that is kept before the attack, against ability to do what should"
                            + " be forgotten, after more and more steps of it.",
                        () ->
                                Drawing.row(
                                        "What is kept, and what returns",
                                        RecoveryFigures.seeds(findings)
                                                + "; across: before the attack",
                                        heights,
                                        charts)));
    }

    private static String after(long step) {
        return step == 0 ? "no attack" : "after %d steps".formatted(step);
    }

    private static List<Line> lines(Findings findings, long step) {
        RecoveryFigures looks = new RecoveryFigures(findings);
        return findings.results().models().stream()
                .filter(model -> !model.equals(Findings.BASE))
                .flatMap(
                        model ->
                                spot(findings, model, step)
                                        .map(
                                                spot ->
                                                        new Line(
                                                                model,
                                                                look(looks, model),
                                                                List.of(spot)))
                                        .stream())
                .toList();
    }

    /// Distilled models share a colour where each stands in its own figure; here their methods tell
    /// them apart.
    private static Look look(RecoveryFigures looks, String model) {
        if (!model.startsWith(Findings.DISTILLED)) {
            return looks.look(model);
        }
        String method = model.substring(Findings.DISTILLED.length());
        Look own = Look.of(model);
        return new Look(own.color(), Look.of(Findings.UNLEARNED + method).marker(), own.stroke());
    }

    private static Optional<Spot> spot(Findings findings, String model, long step) {
        List<OptionalDouble> retain =
                findings.seeds().stream().map(seed -> findings.retain(model, seed)).toList();
        List<OptionalDouble> forget =
                findings.seeds().stream().map(seed -> findings.forget(model, seed, step)).toList();
        if (!retain.stream().allMatch(OptionalDouble::isPresent)
                || !forget.stream().allMatch(OptionalDouble::isPresent)) {
            return Optional.empty();
        }
        double x =
                retain.stream()
                        .mapToDouble(value -> findings.ability().of(value.getAsDouble()))
                        .average()
                        .orElseThrow();
        List<Double> heights =
                forget.stream().map(value -> findings.ability().of(value.getAsDouble())).toList();
        return Optional.of(Spot.of(x, heights));
    }
}
