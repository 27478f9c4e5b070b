package dev.lethe.tools.report.figure;

import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.report.results.Ability;
import dev.lethe.tools.report.results.Attack;
import dev.lethe.tools.report.results.Metric;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Recovery against attack steps: the worst case over learning rates, mean and interval over seeds.
record RecoveryFigures(Findings findings) {
    Optional<Figure> unlearned() {
        List<String> models = new ArrayList<>();
        models.add(Findings.FILTER);
        findings.results().models().stream()
                .filter(model -> model.startsWith(Findings.UNLEARNED))
                .forEach(models::add);
        return figure(
                "recovery-unlearned",
                "unlearning-is-shallow",
                "Relearning after unlearning alone",
                "Relearning curves of the unlearned models and of filter, which never saw the"
                    + " data.",
                models);
    }

    Optional<Figure> students() {
        return figure(
                "recovery-students",
                "reference-leaks",
                "Relearning of two students with the same behaviour",
                "Relearning curves of both students and of their teacher, filter.",
                List.of(Findings.FILTER, Findings.RANDOM, Findings.REFERENCE));
    }

    Optional<Figure> distilled(String method) {
        return figure(
                "recovery-" + method,
                "distillation-robustifies-" + method,
                "Relearning before and after distillation: " + method,
                "Relearning curves of the unlearned model, of the student distilled from it, and of"
                        + " filter.",
                List.of(Findings.FILTER, Findings.UNLEARNED + method, Findings.DISTILLED + method));
    }

    private Optional<Figure> figure(
            String name, String claim, String title, String caption, List<String> models) {
        return chart(title, models, Attack.RELEARN, findings.ability().forget())
                .map(chart -> Figure.of(name, claim, caption, chart));
    }

    Optional<Figure> untouchedHalf() {
        List<String> models = new ArrayList<>(List.of(Findings.FILTER));
        findings.thresholds().methods().forEach(m -> models.add(Findings.UNLEARNED + m));
        findings.thresholds().methods().stream()
                .filter(method -> method.equals("maxent"))
                .forEach(method -> models.add(Findings.DISTILLED + method));
        models.add(Findings.REFERENCE);
        return chart(
                        "The half that the attack never trains on",
                        models,
                        Attack.RELEARN_HALF,
                        findings.ability().heldOut())
                .map(
                        chart ->
                                Figure.of(
                                        "untouched-half",
                                        "latent-ability",
                                        "What returns of the untouched half while only the other"
                                            + " half is trained on.",
                                        chart));
    }

    /// Of the models that were attacked so; none where fewer than two were.
    Optional<Chart> chart(String title, List<String> models, Attack attack, Metric metric) {
        List<Line> lines =
                models.stream()
                        .map(
                                model ->
                                        Line.ofSeeds(
                                                model, look(model), curves(model, attack, metric)))
                        .filter(line -> !line.isEmpty())
                        .toList();
        if (lines.size() < 2) {
            return Optional.empty();
        }
        List<Mark> marks = new ArrayList<>();
        marks.add(
                Mark.x(
                        findings.thresholds().horizon(),
                        attack == Attack.RELEARN ? "A: mean height to here" : "judged here"));
        Mark.Side free = findings.ability() == Ability.ACCURACY ? Mark.Side.ABOVE : Mark.Side.BELOW;
        base().ifPresent(value -> marks.add(new Mark(value, "base, before unlearning", free)));
        return Optional.of(
                new Chart(
                        title,
                        note(attack),
                        Axis.steps("attack steps (updates)"),
                        heights(metric, lines),
                        lines,
                        marks,
                        true));
    }

    private List<NavigableMap<Long, Double>> curves(String model, Attack attack, Metric metric) {
        return findings.seeds().stream()
                .map(
                        seed -> {
                            NavigableMap<Long, Double> values = new TreeMap<>();
                            findings.curve(model, seed, attack, metric)
                                    .heights()
                                    .forEach(
                                            (step, height) ->
                                                    values.put(
                                                            step, findings.ability().of(height)));
                            return values;
                        })
                .toList();
    }

    /// The colour of a model, UNDO's by alpha.
    Look look(String model) {
        List<String> undone = findings.undone();
        int place = undone.indexOf(model);
        return place < 0
                ? Look.of(model)
                : Look.ofUndo(undone.size() == 1 ? 1 : place / (undone.size() - 1.0));
    }

    private OptionalDouble base() {
        return findings.seeds().stream()
                .map(
                        seed ->
                                findings.results()
                                        .before(Findings.BASE, seed, findings.ability().forget()))
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .average();
    }

    /// Accuracies from 0 to 1. Cross-entropies as far as those of filter reach: gradient ascent
    /// drives a model's far beyond, which a first attack step takes back.
    private Axis heights(Metric metric, List<Line> lines) {
        String what = metric == findings.ability().heldOut() ? "untouched half: " : "forget ";
        if (findings.ability() == Ability.ACCURACY) {
            return Axis.share(what + "accuracy (share of answers)");
        }
        double high =
                lines.getFirst().spots().stream().mapToDouble(Line.Spot::mean).max().orElseThrow();
        double low =
                Math.min(
                        base().orElse(Double.POSITIVE_INFINITY),
                        lines.stream()
                                .flatMap(line -> line.spots().stream())
                                .mapToDouble(Line.Spot::mean)
                                .min()
                                .orElseThrow());
        double span = high - low;
        return Axis.linear(what + "CE (nats a token)", low - 0.1 * span, high + 0.06 * span);
    }

    String note(Attack attack) {
        String rates =
                findings.results().learningRates(attack).stream()
                        .map(Words::plain)
                        .collect(Collectors.joining(", "));
        return seeds(findings)
                + (findings.results().learningRates(attack).size() == 1
                        ? "; learning rate " + rates
                        : "; at each step the best of learning rates " + rates);
    }

    static String seeds(Findings findings) {
        int count = findings.seeds().size();
        return count == 1
                ? "Seed " + findings.seeds().getFirst()
                : "Mean of %d seeds with 95%% interval".formatted(count);
    }
}
