package dev.lethe.tools.study;

import dev.lethe.model.gradients.LogitGradient;
import dev.lethe.model.study.Anatomy;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.page.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/// Anatomies as findings, sections and tables.
///
/// @param found by model
/// @param drawn models shown one by one
/// @param teacher name of distillation's teacher
record AnatomyDrawing(SequencedMap<String, Anatomy> found, List<String> drawn, String teacher) {
    Answer answer() {
        Answer.Builder answer = new Answer.Builder();
        findings(answer);
        answer.section(goals()).section(places()).section(angles()).section(checks());
        found.forEach(new AnatomyCells(answer)::add);
        return answer.build();
    }

    private AnatomyFigures figures() {
        return new AnatomyFigures(found);
    }

    private void findings(Answer.Builder answer) {
        for (String term :
                List.of("graddiff.forget_ce", "maxent.forget_kl_uniform", "distill.kl")) {
            String goal = term.startsWith("graddiff") ? "unlearn-graddiff" : "unlearn-maxent";
            String seeks =
                    term.startsWith("distill") ? teacher.replace("unlearn-", "distill-") : goal;
            found.forEach(
                    (model, anatomy) -> {
                        if (Subject.plain(model).equals(seeks)) {
                            LogitGradient of =
                                    AnatomyTerms.of(anatomy).get(term).byLogits().orElseThrow();
                            answer.finding(
                                    "%s at %s: mean |p - y| a token %s after the soft-cap, %s before it",
                                    term,
                                    model,
                                    Text.number(of.after().tokenNorm()),
                                    Text.number(of.before().tokenNorm()));
                        }
                    });
        }
        found.forEach(
                (model, anatomy) ->
                        answer.finding(
                                "%s: cosine of the gradients of forget and retain CE %s",
                                model,
                                Text.number(
                                        -anatomy.cosines()
                                                .between(
                                                        "graddiff.forget_ce",
                                                        "graddiff.retain_ce"))));
    }

    private Document.Section goals() {
        List<List<String>> rows = new ArrayList<>();
        found.forEach(
                (model, anatomy) ->
                        AnatomyTerms.of(anatomy)
                                .forEach(
                                        (name, term) ->
                                                term.byLogits()
                                                        .map(of -> goal(model, name, term, of))
                                                        .ifPresent(rows::add)));
        return new Document.Section(
                "goals",
                "Which gradients vanish at their goal",
                List.of(
                        "The gradient of each loss by the logits is p - y over its denominator: y"
                            + " is"
                            + " the next token (cross-entropy; GradDiff takes it with a minus), 1/V"
                            + " (MaxEnt) or the teacher's q (distillation). Where a loss reaches"
                            + " its"
                            + " goal, p = y and nothing pulls. GradDiff's goal is p(target) = 0,"
                            + " where"
                            + " |p - y| lies between 1 and √2: it never stops by itself. Before the"
                            + " soft-cap the same gradient is multiplied by 1 - (z/cap)², which is"
                            + " all"
                            + " that holds it back."),
                List.of(figures().goals()),
                List.of(
                        new Document.Table(
                                "Value of each term, mean and largest |p - y| after the soft-cap,"
                                    + " mean before it, and the largest difference of a logit's"
                                    + " gradient from the closed form; values in nats, the rest"
                                    + " without unit.",
                                List.of(
                                        "model: term",
                                        "value",
                                        "|p - y|",
                                        "largest",
                                        "before the cap",
                                        "at the goal",
                                        "closed form apart by"),
                                rows)));
    }

    private static List<String> goal(
            String model, String name, Anatomy.OfTerm term, LogitGradient of) {
        double apart = Math.max(of.after().largestApart(), of.before().largestApart());
        return List.of(
                model + ": " + name,
                Text.number(term.value()),
                Text.number(of.after().tokenNorm()),
                Text.number(of.after().largestTokenNorm()),
                Text.number(of.before().tokenNorm()),
                of.limit()
                        .map(limit -> limit.vanishes() ? "vanishes" : "stays, 1 to √2")
                        .orElse("–"),
                Text.number(apart));
    }

    private Document.Section places() {
        List<Figure> figures = new ArrayList<>();
        for (String model : drawn) {
            figures.addAll(AnatomyPlaces.ofObjectives(model, found.get(model)).figures());
            figures.addAll(AnatomyPlaces.ofTerms(model, found.get(model)).figures());
        }
        return new Document.Section(
                "places",
                "Where each loss pulls",
                List.of(
                        "Norms of the gradients of whole objectives, and of each term without its"
                            + " weight, over the parameters of a layer or kind, and by the residual"
                            + " stream at each token position: forget, retain and mixed rows"
                            + " together. What does not reach a place, or is zero but for rounding"
                            + " (below 1e-12), has no dot there: RMU's stops at its layer.",
                        "RepNoise stands on MaxEnt. Its noise compares rows and its ascent reads all"
                            + " depths at once, so it is shown whole only."),
                figures,
                List.of());
    }

    private Document.Section angles() {
        List<Figure> figures = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        found.forEach(
                (model, anatomy) -> {
                    var cosines = anatomy.cosines();
                    rows.add(
                            List.of(
                                    model,
                                    Text.number(
                                            -cosines.between(
                                                    "graddiff.forget_ce", "graddiff.retain_ce")),
                                    Text.number(
                                            cosines.between(
                                                    "maxent.forget_kl_uniform",
                                                    "maxent.retain_ce")),
                                    Text.number(
                                            cosines.between("rmu.forget_mse", "rmu.retain_mse")),
                                    Text.number(
                                            cosines.between(
                                                    "graddiff.forget_ce",
                                                    "maxent.forget_kl_uniform")),
                                    Text.number(cosines.between("graddiff", "maxent"))));
                    if (drawn.contains(model)) {
                        figures.add(figures().cosines(model));
                        figures.add(figures().cosinesByLayer(model));
                    }
                });
        return new Document.Section(
                "angles",
                "How forgetting and keeping pull against each other",
                List.of(
                        "Cosines between gradients over all parameters, and over those of each"
                            + " layer; a term's gradient has the"
                            + " sign of its weight, so graddiff.forget_ce is the ascent. 0 where"
                            + " one"
                            + " of the two is zero."),
                figures,
                List.of(
                        new Document.Table(
                                "Cosine of the gradients (no unit). In the first column both"
                                    + " cross-entropies fall.",
                                List.of(
                                        "model",
                                        "CE forget, CE retain",
                                        "MaxEnt: forget, retain",
                                        "RMU: forget, retain",
                                        "forget: GradDiff, MaxEnt",
                                        "whole: GradDiff, MaxEnt"),
                                rows)));
    }

    private Document.Section checks() {
        List<List<String>> rows = new ArrayList<>();
        found.forEach(
                (model, anatomy) ->
                        anatomy.objectives()
                                .forEach(
                                        one ->
                                                rows.add(
                                                        List.of(
                                                                model + ": " + one.name(),
                                                                Text.number(one.loss()),
                                                                Text.number(one.norm()),
                                                                one.fusedError()
                                                                        .map(Text::number)
                                                                        .orElse("–")))));
        return new Document.Section(
                "checks",
                "Two ways to the same gradient",
                List.of(
                        "The gradient that training steps by comes from fused heads that never hold"
                            + " all logits; the terms here come from primitives that do. Their"
                            + " relative distance is rounding; where the gradient itself is"
                            + " rounding,"
                            + " as distillation's at its own teacher, it means nothing."),
                List.of(),
                List.of(
                        new Document.Table(
                                "Loss, norm of its gradient over all parameters, and distance of"
                                    + " the"
                                    + " fused gradient from the weighted sum of the terms', as a"
                                    + " part of it.",
                                List.of("model: objective", "loss", "norm", "apart by"),
                                rows)));
    }
}
