package dev.lethe.tools.report.figure;

import dev.lethe.tools.report.figure.Line.Spot;
import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.results.Attack;
import dev.lethe.tools.report.results.Summary;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// UNDO over alpha: recovery, and robustness against alpha and against compute.
record UndoFigures(Findings findings) {
    private static final String CLAIM = "undo-scales";

    Optional<Figure> recovery() {
        List<String> undone = findings.undone();
        if (undone.isEmpty()) {
            return Optional.empty();
        }
        List<String> models = new ArrayList<>(List.of(Findings.FILTER));
        models.add(Findings.UNLEARNED + findings.results().method(undone.getFirst()));
        models.addAll(undone);
        return new RecoveryFigures(findings)
                .chart(
                        "Relearning after UNDO, by alpha",
                        models,
                        Attack.RELEARN,
                        findings.ability().forget())
                .map(
                        chart ->
                                Figure.of(
                                        "undo-recovery",
                                        CLAIM,
                                        "Relearning curves of UNDO models between those of the"
                                            + " unlearned model and of filter.",
                                        chart));
    }

    Optional<Figure> robustnessByAlpha() {
        return robustness(
                        "UNDO: robustness against alpha",
                        Axis.linear("alpha (share of the weights replaced)"),
                        model -> findings.results().alpha(model).orElseThrow(),
                        List.of())
                .map(
                        chart ->
                                Figure.of(
                                        "undo-alpha",
                                        CLAIM,
                                        "R of each UNDO model against alpha: 0 is the unlearned"
                                            + " model, 1 is filter.",
                                        chart));
    }

    Optional<Figure> robustnessByCompute() {
        double filter = flops(Findings.FILTER);
        if (!(filter > 0) || findings.undone().stream().anyMatch(model -> !(flops(model) > 0))) {
            return Optional.empty();
        }
        List<Line> distilled =
                findings.thresholds().methods().stream()
                        .map(method -> Findings.DISTILLED + method)
                        .filter(model -> flops(model) > 0)
                        .flatMap(
                                model ->
                                        spot(model, 100 * flops(model) / filter)
                                                .map(
                                                        spot ->
                                                                new Line(
                                                                        model,
                                                                        ofMethod(model),
                                                                        List.of(spot)))
                                                .stream())
                        .toList();
        return robustness(
                        "UNDO: robustness against compute",
                        Axis.linear("compute (% of filter's training FLOPs, teacher's included)"),
                        model -> 100 * flops(model) / filter,
                        distilled)
                .map(
                        chart ->
                                Figure.of(
                                        "undo-compute",
                                        CLAIM,
                                        "R against the compute of perturbed distillation, beside"
                                            + " full distillation, as shares of filter's training.",
                                        chart));
    }

    private static Look ofMethod(String model) {
        Look unlearned = Look.of(Findings.UNLEARNED + model.substring(Findings.DISTILLED.length()));
        return new Look(unlearned.color(), unlearned.marker(), Look.of(model).stroke());
    }

    private Optional<Chart> robustness(
            String title, Axis x, ToDoubleFunction<String> place, List<Line> more) {
        List<Spot> spots =
                findings.undone().stream()
                        .flatMap(model -> spot(model, place.applyAsDouble(model)).stream())
                        .toList();
        if (spots.isEmpty()) {
            return Optional.empty();
        }
        Line undo = new Line("UNDO", Look.plain(), spots);
        double low = spots.stream().mapToDouble(Spot::mean).min().orElseThrow();
        return Optional.of(
                new Chart(
                        title,
                        RecoveryFigures.seeds(findings),
                        x,
                        Axis.linear("robustness R (no unit)", Math.min(-0.1, low - 0.1), 1.12),
                        Stream.concat(Stream.of(undo), more.stream()).toList(),
                        List.of(Mark.y(1, "filter"), Mark.y(0, "unlearned")),
                        true));
    }

    /// Mean R over seeds, where each seed has one.
    private Optional<Spot> spot(String model, double x) {
        List<OptionalDouble> all =
                findings.seeds().stream().map(seed -> findings.robustness(model, seed)).toList();
        return all.stream().allMatch(OptionalDouble::isPresent)
                ? Optional.of(Spot.of(x, all.stream().map(OptionalDouble::getAsDouble).toList()))
                : Optional.empty();
    }

    /// Mean over seeds of a model's training and its teacher's forward passes; NaN where not known.
    private double flops(String model) {
        return findings.seeds().stream()
                .map(seed -> findings.compute(model, seed))
                .mapToDouble(made -> made.map(UndoFigures::all).orElse(Double.NaN))
                .average()
                .orElse(Double.NaN);
    }

    private static double all(Summary.Model model) {
        return model.flops() + model.teacherFlops();
    }
}
