package dev.lethe.tools.experiment;

import dev.lethe.model.pipeline.StageResult;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.model.train.MetricsLog;
import dev.lethe.tools.report.results.Answers;
import dev.lethe.tools.report.results.Attack;
import dev.lethe.tools.report.results.Metric;
import dev.lethe.tools.report.results.ResultRow;
import dev.lethe.tools.report.results.ResultRow.Moment;
import dev.lethe.tools.report.results.ResultRow.Subject;
import dev.lethe.tools.report.results.Results;
import dev.lethe.tools.report.results.SeriesRow;
import dev.lethe.tools.report.results.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// The finished stages of an experiment as rows of its report.
///
/// @param graphs one a seed
/// @param store has all their stages
record Measurements(List<Graph> graphs, StageStore store) {
    private StageResult result(StageSpec stage) {
        return store.find(stage)
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "%s: expected a finished stage, got none; run the experiment again"
                                                .formatted(store.directory(stage))));
    }

    /// One row a value.
    Results results() {
        List<ResultRow> rows = new ArrayList<>();
        for (Graph graph : graphs) {
            for (Graph.Model model : graph.models()) {
                Subject subject =
                        new Subject(
                                graph.experiment().experiment(),
                                graph.seed(),
                                model.name(),
                                model.method(),
                                model.alpha(),
                                model.beta());
                result(model.evaluation())
                        .metrics()
                        .forEach(
                                (name, value) ->
                                        rows.add(ResultRow.before(subject, metric(name), value)));
                graph.attacks(model).forEach(attack -> add(rows, subject, attack));
            }
        }
        return new Results(rows);
    }

    private static Metric metric(String name) {
        return Metric.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private void add(List<ResultRow> rows, Subject subject, Graph.Relearning attack) {
        StageResult result = result(attack.stage());
        OptionalLong diverged = result.diverged();
        for (StageResult.Point point : result.points()) {
            // A step can leave parameters of which no loss is a number: the attack ended there.
            if (!point.metrics().values().stream().allMatch(Double::isFinite)) {
                diverged = OptionalLong.of(point.step());
                break;
            }
            Moment moment =
                    moment(
                            attack,
                            point.step(),
                            OptionalLong.of(point.tokens()),
                            OptionalDouble.of(point.flops()));
            point.metrics()
                    .forEach(
                            (name, value) ->
                                    rows.add(
                                            ResultRow.during(
                                                    subject, moment, metric(name), value)));
        }
        diverged.ifPresent(
                step ->
                        rows.add(
                                ResultRow.during(
                                        subject,
                                        moment(
                                                attack,
                                                step,
                                                OptionalLong.empty(),
                                                OptionalDouble.empty()),
                                        Metric.DIVERGED,
                                        1)));
    }

    private static Moment moment(
            Graph.Relearning attack, long step, OptionalLong tokens, OptionalDouble flops) {
        return new Moment(attack.kind(), attack.rate(), step, tokens, flops);
    }

    /// What each model took.
    List<Summary.Model> models() {
        List<Summary.Model> models = new ArrayList<>();
        for (Graph graph : graphs) {
            for (Graph.Model model : graph.models()) {
                StageResult result = result(model.stage());
                models.add(
                        new Summary.Model(
                                model.name(),
                                graph.seed(),
                                result.steps(),
                                result.tokens(),
                                result.flops(),
                                result.teacherFlops(),
                                Summary.Stopped.valueOf(
                                        result.stopped().toUpperCase(Locale.ROOT))));
            }
        }
        return models;
    }

    /// The KL of each student whose KL was looked at on its way.
    List<SeriesRow> series() {
        List<SeriesRow> series = new ArrayList<>();
        for (Graph graph : graphs) {
            for (Graph.Model model : graph.models()) {
                if (model.stage() instanceof StageSpec.Distill distill) {
                    MetricsLog.looks(store.directory(distill).resolve(StageStore.METRICS))
                            .forEach(look -> add(series, graph, model, look));
                }
            }
        }
        return series;
    }

    private static void add(
            List<SeriesRow> series, Graph graph, Graph.Model model, MetricsLog.Look look) {
        Double kl = look.metrics().get(SeriesRow.KL);
        if (kl != null) {
            series.add(
                    new SeriesRow(
                            graph.experiment().experiment(),
                            graph.seed(),
                            model.name(),
                            look.step(),
                            SeriesRow.KL,
                            kl));
        }
    }

    /// What attacked models said.
    Answers answers() {
        List<Answers.Prompt> prompts =
                graphs.getFirst().experiment().answers().prompts().stream()
                        .map(Measurements::prompt)
                        .toList();
        List<Answers.Answer> answers = new ArrayList<>();
        for (Graph graph : graphs) {
            for (Graph.Model model : graph.models()) {
                for (Graph.Relearning attack : graph.attacks(model)) {
                    if (attack.kind() == Attack.RELEARN) {
                        add(answers, graph, model, attack);
                    }
                }
            }
        }
        return prompts.isEmpty() ? Answers.NONE : new Answers(prompts, answers);
    }

    private static Answers.Prompt prompt(Experiment.Prompt prompt) {
        return new Answers.Prompt(
                prompt.text(),
                prompt.expected().orElse(null),
                switch (prompt.about()) {
                    case FORGET -> Answers.About.FORGET;
                    case RETAIN -> Answers.About.RETAIN;
                });
    }

    private void add(
            List<Answers.Answer> answers,
            Graph graph,
            Graph.Model model,
            Graph.Relearning attack) {
        for (StageResult.Point point : result(attack.stage()).points()) {
            // Maps of results have no order; prompts have that of the preset.
            Map<String, String> said = point.answers();
            for (String prompt : attack.stage().questions().prompts()) {
                answers.add(
                        new Answers.Answer(
                                model.name(),
                                graph.seed(),
                                attack.rate(),
                                point.step(),
                                prompt,
                                said.get(prompt)));
            }
        }
    }
}
