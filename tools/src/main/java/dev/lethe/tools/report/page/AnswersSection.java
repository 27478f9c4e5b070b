package dev.lethe.tools.report.page;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.report.results.Ability;
import dev.lethe.tools.report.results.Answers;
import dev.lethe.tools.report.results.Answers.Answer;
import dev.lethe.tools.report.results.Answers.Prompt;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Answers to fixed prompts along the attack: a panel where there is script, tables where there is
/// none.
final class AnswersSection {
    private static final ObjectMapper JSON = new ObjectMapper();

    private AnswersSection() {}

    static void write(Html html, Answers answers, Findings findings) {
        html.open("section", "id", "answers");
        html.element("h2", "What the models say");
        if (answers.answers().isEmpty()) {
            html.element("p", "This run asked no fixed prompts.").close();
            return;
        }
        html.element(
                "p",
                "The same prompts to several models, before and during the attack, answered greedily.");
        html.open("div", "id", "panel", "hidden", "hidden");
        html.open("div", "class", "controls");
        html.open("fieldset", "id", "panel-models").element("legend", "Models").close();
        html.open("label", "id", "panel-seeds").text("Seed ").open("select").close().close();
        html.open("label", "class", "slider");
        html.open("span").text("Attack step ").element("output", "0").close();
        html.empty("input", "type", "range", "min", "0", "max", "0", "value", "0", "step", "1");
        html.close().close();
        html.open("div", "class", "wide").open("table", "id", "panel-table").close().close();
        html.element("p", "", "id", "panel-note", "class", "note").close();
        html.open("div", "id", "all-answers");
        tables(html, answers);
        html.close();
        html.open("script", "type", "application/json", "id", "answers-data");
        html.markup(
                data(answers, findings).toString().replace("<", "\\u003c").replace("&", "\\u0026"));
        html.close();
        html.open("script").markup("\n//<![CDATA[\n" + Page.resource("panel.js") + "//]]>\n");
        html.close().close();
    }

    private static List<String> models(Answers answers) {
        return answers.answers().stream().map(Answer::model).distinct().toList();
    }

    private static List<Long> steps(Answers answers) {
        return answers.answers().stream().map(Answer::step).distinct().sorted().toList();
    }

    /// One table a model, of its first seed: prompts down, steps across.
    private static void tables(Html html, Answers answers) {
        long seed = answers.answers().getFirst().seed();
        List<Long> steps = steps(answers);
        for (String model : models(answers)) {
            Map<String, String> said =
                    answers.answers().stream()
                            .filter(a -> a.model().equals(model) && a.seed() == seed)
                            .collect(
                                    Collectors.toMap(
                                            a -> a.step() + " " + a.prompt(),
                                            Answer::answer,
                                            (first, _) -> first));
            html.open("details").element("summary", model + ", seed " + seed);
            html.open("div", "class", "wide").open("table").open("thead").open("tr");
            html.element("th", "prompt", "scope", "col");
            steps.forEach(step -> html.element("th", "step " + step, "scope", "col"));
            html.close().close().open("tbody");
            for (Prompt prompt : answers.prompts()) {
                html.open("tr").element("th", prompt.text(), "scope", "row");
                for (long step : steps) {
                    html.element("td", said.getOrDefault(step + " " + prompt.text(), "–"));
                }
                html.close();
            }
            html.close().close().close().close();
        }
    }

    /// `{ability, seeds, models, steps, prompts: [{text, expected, about}], runs: {seed: {model:
    /// {rate, said: {step: [answer]}, heights: {step: measured}}}}}`.
    private static ObjectNode data(Answers answers, Findings findings) {
        ObjectNode data = JSON.createObjectNode();
        data.put(
                "ability",
                findings.ability() == Ability.ACCURACY
                        ? "forget accuracy, worst case"
                        : "forget CE, worst case");
        data.set("models", JSON.valueToTree(models(answers)));
        data.set("steps", JSON.valueToTree(steps(answers)));
        data.set(
                "seeds",
                JSON.valueToTree(answers.answers().stream().map(Answer::seed).distinct().toList()));
        ArrayNode prompts = data.putArray("prompts");
        for (Prompt prompt : answers.prompts()) {
            prompts.addObject()
                    .put("text", prompt.text())
                    .put("expected", prompt.expected())
                    .put("about", prompt.about().name().toLowerCase(Locale.ROOT));
        }
        List<String> order = answers.prompts().stream().map(Prompt::text).toList();
        ObjectNode runs = data.putObject("runs");
        for (Answer answer : answers.answers()) {
            ObjectNode run = child(child(runs, Long.toString(answer.seed())), answer.model());
            if (run.isEmpty()) {
                run.put("rate", Words.plain(answer.attackLr()));
                run.putObject("said");
                ObjectNode heights = run.putObject("heights");
                findings.recovery(answer.model(), answer.seed())
                        .heights()
                        .forEach(
                                (step, height) ->
                                        heights.put(
                                                Long.toString(step),
                                                Words.figure(findings.ability().of(height))));
            }
            ObjectNode said = (ObjectNode) run.get("said");
            String step = Long.toString(answer.step());
            ArrayNode all = (ArrayNode) said.get(step);
            if (all == null) {
                all = said.putArray(step);
                for (int i = 0; i < order.size(); i++) {
                    all.addNull();
                }
            }
            all.set(
                    order.indexOf(answer.prompt()),
                    JSON.valueToTree(Html.visible(answer.answer())));
        }
        return data;
    }

    private static ObjectNode child(ObjectNode parent, String name) {
        return parent.has(name) ? (ObjectNode) parent.get(name) : parent.putObject(name);
    }
}
