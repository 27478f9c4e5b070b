package dev.lethe.tools.study;

import dev.lethe.model.gradients.LogitGradient;
import dev.lethe.model.study.Anatomy;
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
import dev.lethe.tools.report.page.Document;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.Function;

/// Anatomies as figures, tables and rows.
///
/// @param found by model
/// @param drawn models shown one by one
/// @param teacher name of distillation's teacher
record AnatomyDrawing(SequencedMap<String, Anatomy> found, List<String> drawn, String teacher) {
    private static final double ROUNDING = 1e-12; // what is smaller has no place on a log axis
    private static final String EXACT = "Exact: forward and backward passes over all rows.";

    Answer answer() {
        Answer.Builder answer = new Answer.Builder();
        findings(answer);
        answer.section(goals()).section(places()).section(angles()).section(checks());
        found.forEach((model, anatomy) -> cells(answer, model, anatomy));
        return answer.build();
    }

    /// `graddiff.forget_ce` and so on: every term once, MaxEnt's retain term being GradDiff's.
    private static SequencedMap<String, Anatomy.OfTerm> terms(Anatomy anatomy) {
        SequencedMap<String, Anatomy.OfTerm> terms = new LinkedHashMap<>();
        for (Anatomy.OfObjective objective : anatomy.objectives()) {
            for (Anatomy.OfTerm term : objective.terms()) {
                boolean again =
                        objective.name().equals("maxent") && term.name().equals("retain_ce");
                if (!again) {
                    terms.put(objective.name() + "." + term.name(), term);
                }
            }
        }
        return terms;
    }

    private void findings(Answer.Builder answer) {
        for (String term :
                List.of("graddiff.forget_ce", "maxent.forget_kl_uniform", "distill.kl")) {
            String model = term.startsWith("graddiff") ? "unlearn-graddiff" : "unlearn-maxent";
            if (term.startsWith("distill")) {
                model = teacher.replace("unlearn-", "distill-");
            }
            if (found.containsKey(model) && terms(found.get(model)).containsKey(term)) {
                LogitGradient of = terms(found.get(model)).get(term).byLogits().orElseThrow();
                answer.finding(
                        "%s at %s: mean |p - y| a token %s after the soft-cap, %s before it",
                        term,
                        model,
                        Text.number(of.after().tokenNorm()),
                        Text.number(of.before().tokenNorm()));
            }
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
        List<String> models = List.copyOf(found.keySet());
        SequencedMap<String, List<Dots.Dot>> series = new LinkedHashMap<>();
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            int at = i;
            String model = models.get(i);
            terms(found.get(model))
                    .forEach(
                            (name, term) ->
                                    term.byLogits()
                                            .ifPresent(
                                                    of -> {
                                                        series.computeIfAbsent(
                                                                        name,
                                                                        _ -> new ArrayList<>())
                                                                .add(spread(at, of.after()));
                                                        rows.add(goal(model, name, term, of));
                                                    }));
        }
        Dots dots =
                new Dots(
                        "Which loss stops pulling",
                        "Mean |p - y| over counted tokens; whisker to the token of the largest",
                        Axis.linear("gradient by a token's logits, |p - y| (no unit)"),
                        models,
                        series(series),
                        List.of(Mark.x(0, "goal reached"), Mark.x(1, "p(target) = 0: 1 to √2")));
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
                List.of(
                        Figure.of(
                                "logit-gradient",
                                "goals",
                                "Length of each term's gradient by a token's logits, after the"
                                    + " soft-cap: mean over tokens, with a whisker to the largest."
                                    + " "
                                    + EXACT,
                                dots)),
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

    private static Dots.Dot spread(int at, LogitGradient.Side side) {
        return new Dots.Dot(at, side.tokenNorm(), side.tokenNorm(), side.largestTokenNorm());
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

    private List<Dots.Series> series(SequencedMap<String, List<Dots.Dot>> dots) {
        List<Dots.Series> series = new ArrayList<>();
        dots.forEach((name, of) -> series.add(new Dots.Series(name, look(name), of)));
        return series;
    }

    /// A term's look, the same in every figure.
    private Look look(String term) {
        List<String> all = List.copyOf(terms(found.firstEntry().getValue()).keySet());
        return Look.nth(all.indexOf(term));
    }

    private Document.Section places() {
        List<Figure> figures = new ArrayList<>();
        for (String model : drawn) {
            if (found.containsKey(model)) {
                Anatomy anatomy = found.get(model);
                figures.add(
                        norms(model, anatomy, "layer", "by-layer", ParameterPlace::group));
                figures.add(
                        norms(
                                model,
                                anatomy,
                                "kind of parameter",
                                "by-kind",
                                place -> place.kind().name().toLowerCase(Locale.ROOT)));
                figures.add(positions(model, anatomy));
            }
        }
        return new Document.Section(
                "places",
                "Where each loss pulls",
                List.of(
                        "Norms of each term's gradient, without its weight, over the parameters of"
                            + " a"
                            + " layer or kind, and by the residual stream at each token position. A"
                            + " term that does not reach a place, or is zero but for rounding"
                            + " (below"
                            + " 1e-12), has no dot there: RMU's stops at its layer."),
                figures,
                List.of());
    }

    private Figure norms(
            String model,
            Anatomy anatomy,
            String by,
            String name,
            Function<ParameterPlace, String> key) {
        List<String> groups = new ArrayList<>();
        SequencedMap<String, List<Dots.Dot>> series = new LinkedHashMap<>();
        terms(anatomy)
                .forEach(
                        (term, of) ->
                                ParameterNorm.by(key, of.norms())
                                        .forEach(
                                                (group, norm) -> {
                                                    if (!groups.contains(group)) {
                                                        groups.add(group);
                                                    }
                                                    if (norm > ROUNDING) {
                                                        series.computeIfAbsent(
                                                                        term,
                                                                        _ -> new ArrayList<>())
                                                                .add(
                                                                        Dots.Dot.of(
                                                                                groups.indexOf(
                                                                                        group),
                                                                                norm));
                                                    }
                                                }));
        Dots dots =
                new Dots(
                        "Gradients at " + model + " by " + by,
                        "Each term without its weight",
                        Axis.logarithmic("norm of the gradient (loss per unit of weight)"),
                        groups,
                        series(series),
                        List.of());
        return Figure.of(
                name + "-" + model,
                "places",
                "Norm of the gradient of each term over the parameters of each %s, at %s. %s"
                        .formatted(by, model, EXACT),
                dots);
    }

    private Figure positions(String model, Anatomy anatomy) {
        List<Line> lines = new ArrayList<>();
        terms(anatomy)
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
                        figures.add(cosines(model, anatomy));
                    }
                });
        return new Document.Section(
                "angles",
                "How forgetting and keeping pull against each other",
                List.of(
                        "Cosines between gradients over all parameters; a term's gradient has the"
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

    private static Figure cosines(String model, Anatomy anatomy) {
        List<String> names = anatomy.cosines().names();
        HeatMap map =
                new HeatMap(
                        "Angles between gradients at " + model,
                        "Over all parameters; orange: the same way, blue: against each other",
                        HeatMap.Side.of(names),
                        HeatMap.Side.of(names),
                        anatomy.cosines().overall(),
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

    private static void cells(Answer.Builder answer, String model, Anatomy anatomy) {
        for (Anatomy.OfObjective objective : anatomy.objectives()) {
            answer.cell(model, objective.name() + "_loss", "", objective.loss());
            answer.cell(model, objective.name() + "_gradient_norm", "", objective.norm());
            objective
                    .fusedError()
                    .ifPresent(e -> answer.cell(model, objective.name() + "_fused_error", "", e));
            norms(answer, model, objective.name(), objective.norms());
        }
        terms(anatomy)
                .forEach(
                        (name, term) -> {
                            answer.cell(model, name + "_value", "", term.value());
                            norms(answer, model, name, term.norms());
                            answer.tensor(
                                    model + "." + name + ".by_position", term.byPosition());
                            term.byLogits().ifPresent(of -> logits(answer, model, name, of));
                        });
        answer.tensor(model + ".cosines", anatomy.cosines().overall());
        List<String> names = anatomy.cosines().names();
        for (int i = 0; i < names.size(); i++) {
            for (int j = 0; j < i; j++) {
                String pair = names.get(i) + "~" + names.get(j);
                answer.cell(model, "cosine", pair, anatomy.cosines().overall()[i][j]);
            }
        }
    }

    private static void norms(
            Answer.Builder answer, String model, String name, List<ParameterNorm> norms) {
        ParameterNorm.by(ParameterPlace::group, norms)
                .forEach((group, norm) -> answer.cell(model, name + "_norm", group, norm));
        ParameterNorm.by(place -> place.kind().name().toLowerCase(Locale.ROOT), norms)
                .forEach((kind, norm) -> answer.cell(model, name + "_norm", kind, norm));
    }

    private static void logits(
            Answer.Builder answer, String model, String name, LogitGradient of) {
        for (Side side :
                List.of(new Side("after_cap", of.after()), new Side("before_cap", of.before()))) {
            answer.cell(model, name + "_token_norm", side.name, side.of.tokenNorm());
            answer.cell(model, name + "_largest_token_norm", side.name, side.of.largestTokenNorm());
            answer.cell(model, name + "_closed_form_apart", side.name, side.of.largestApart());
        }
    }

    private record Side(String name, LogitGradient.Side of) {}
}
