package dev.lethe.tools.demo;

import dev.lethe.model.stage.AttackRun;
import dev.lethe.model.stage.Compute;
import dev.lethe.model.train.Trainer;
import dev.lethe.tools.report.results.Attack;
import dev.lethe.tools.report.results.Metric;
import dev.lethe.tools.report.results.ResultRow;
import dev.lethe.tools.report.results.ResultRow.Moment;
import dev.lethe.tools.report.results.ResultRow.Subject;
import dev.lethe.tools.report.results.Results;
import dev.lethe.tools.report.results.Summary;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// The demo's models as rows of a report.
final class DemoRows {
    private DemoRows() {}

    static Results results(String experiment, List<SeedRun> seeds) {
        List<ResultRow> rows = new ArrayList<>();
        for (SeedRun seed : seeds) {
            for (ModelRun model : seed.models()) {
                Subject subject = Subject.of(experiment, seed.seed(), model.name(), model.method());
                rows.add(before(subject, Metric.FORGET_ACCURACY, model.before().forget()));
                rows.add(before(subject, Metric.RETAIN_ACCURACY, model.before().retain()));
                model.attacks().forEach(attack -> add(rows, subject, attack));
            }
        }
        return new Results(rows);
    }

    private static ResultRow before(Subject subject, Metric metric, double value) {
        return ResultRow.before(subject, metric, value);
    }

    private static void add(List<ResultRow> rows, Subject subject, AttackRun attack) {
        for (AttackRun.Point point : attack.points()) {
            Moment moment =
                    new Moment(
                            Attack.RELEARN,
                            attack.learningRate(),
                            point.step(),
                            OptionalLong.of(point.compute().tokens()),
                            OptionalDouble.of(point.compute().flops()));
            rows.add(ResultRow.during(subject, moment, Metric.FORGET_ACCURACY, point.ability()));
        }
        attack.diverged()
                .ifPresent(
                        step ->
                                rows.add(
                                        ResultRow.during(
                                                subject,
                                                new Moment(
                                                        Attack.RELEARN,
                                                        attack.learningRate(),
                                                        step,
                                                        OptionalLong.empty(),
                                                        OptionalDouble.empty()),
                                                Metric.DIVERGED,
                                                1)));
    }

    /// What each model took.
    static List<Summary.Model> models(List<SeedRun> seeds) {
        return seeds.stream()
                .flatMap(seed -> seed.models().stream().map(model -> made(seed.seed(), model)))
                .toList();
    }

    private static Summary.Model made(long seed, ModelRun model) {
        Compute compute = model.compute();
        return new Summary.Model(
                model.name(),
                seed,
                compute.steps(),
                compute.tokens(),
                compute.flops(),
                compute.teacherFlops(),
                model.ended() == Trainer.Ended.STEPS
                        ? Summary.Stopped.STEPS
                        : Summary.Stopped.RULE);
    }
}
