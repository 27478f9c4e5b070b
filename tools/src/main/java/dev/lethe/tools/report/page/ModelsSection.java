package dev.lethe.tools.report.page;

import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.report.results.Ability;
import dev.lethe.tools.report.results.Run;
import dev.lethe.tools.report.results.Summary;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/// A table of models: abilities, A and R, and what each took; means over seeds.
final class ModelsSection {
    private ModelsSection() {}

    static void write(Html html, Run run, Findings findings) {
        html.open("section", "id", "models");
        html.element("h2", "Models");
        html.element(
                "p",
                "Means over seeds. Forget after the attack is the worst case over learning rates at"
                        + " step "
                        + findings.thresholds().horizon()
                        + ". No R where a model has no method behind it or lost too much of its"
                        + " teacher's retain ability. FLOPs are forward and backward of the trained"
                        + " model; its teacher's forward passes stand beside them. A model stopped"
                        + " by its rule, by the cap on its steps, or had fixed steps.");
        html.open("div", "class", "wide").open("table", "class", "models");
        html.open("thead").open("tr");
        String unit = findings.ability() == Ability.ACCURACY ? "" : " CE";
        for (String head :
                List.of(
                        "model",
                        "retain" + unit,
                        "forget" + unit,
                        "forget" + unit + " after attack",
                        "A",
                        "R",
                        "steps",
                        "tokens",
                        "TFLOP",
                        "teacher TFLOP",
                        "stopped by")) {
            html.element("th", head, "scope", "col");
        }
        html.close().close().open("tbody");
        run.results().models().forEach(model -> row(html, model, run.summary(), findings));
        html.close().close().close().close();
    }

    private static void row(Html html, String model, Summary summary, Findings findings) {
        Function<Function<Long, OptionalDouble>, String> mean = value -> mean(findings, value);
        Ability ability = findings.ability();
        html.open("tr").element("th", model, "scope", "row");
        number(html, mean.apply(s -> findings.results().before(model, s, ability.retain())));
        number(html, mean.apply(s -> findings.results().before(model, s, ability.forget())));
        number(
                html,
                mean.apply(
                        s ->
                                measured(
                                        ability,
                                        findings.forget(
                                                model, s, findings.thresholds().horizon()))));
        number(html, mean.apply(s -> findings.area(model, s)));
        number(html, mean.apply(s -> findings.robustness(model, s)));
        List<Summary.Model> made =
                findings.seeds().stream()
                        .map(seed -> summary.model(model, seed))
                        .flatMap(Optional::stream)
                        .toList();
        number(html, mean(made, Summary.Model::steps, "%.0f", 1));
        number(html, mean(made, Summary.Model::tokens, "%.2f M", 1e6));
        number(html, mean(made, Summary.Model::flops, "%.3g", 1e12));
        number(html, mean(made, Summary.Model::teacherFlops, "%.3g", 1e12));
        html.element(
                "td",
                made.stream()
                        .map(each -> each.stopped().word())
                        .distinct()
                        .collect(Collectors.joining(", ")));
        html.close();
    }

    private static OptionalDouble measured(Ability ability, OptionalDouble height) {
        return height.isPresent()
                ? OptionalDouble.of(ability.of(height.getAsDouble()))
                : OptionalDouble.empty();
    }

    private static String mean(Findings findings, Function<Long, OptionalDouble> value) {
        List<OptionalDouble> all = findings.seeds().stream().map(value).toList();
        return all.stream().allMatch(OptionalDouble::isPresent)
                ? ClaimsSection.number(
                        all.stream()
                                .mapToDouble(OptionalDouble::getAsDouble)
                                .average()
                                .orElseThrow())
                : "–";
    }

    private static String mean(
            List<Summary.Model> made,
            ToDoubleFunction<Summary.Model> value,
            String format,
            double unit) {
        OptionalDouble mean = made.stream().mapToDouble(value).average();
        return mean.isPresent() && mean.getAsDouble() != 0
                ? Words.format(format, mean.getAsDouble() / unit)
                : "–";
    }

    private static void number(Html html, String text) {
        html.element("td", text, "class", "number");
    }
}
