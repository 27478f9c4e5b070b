package dev.lethe.model.pipeline;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.evaluate.MeanKl;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.train.Check;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Turns a [Stop] into looks at the student.
record StopRule(StageRunner runner, StudyData study) {
    static final String KL = "kl";

    Check check(Stop stop, Gemma2 teacher, Gemma2 student) {
        Workers workers = runner.machine().workers();
        return switch (stop) {
            case Stop.Never _ -> Check.NONE;
            case Stop.RetainWithin(double margin, long interval) -> {
                double goal = study.retained(teacher, workers);
                yield Check.every(
                        interval,
                        _ -> {
                            double kept = study.retained(student, workers);
                            return outcome(
                                    study.retainMetric(),
                                    kept,
                                    study.withinMargin(kept, goal, margin));
                        });
            }
            case Stop.NeverWatched(long interval) ->
                    kl(interval, Double.NEGATIVE_INFINITY, teacher, student);
            case Stop.KlMatches(StageSpec.Distill other, long interval) ->
                    kl(interval, runner.run(other).metrics().get(KL), teacher, student);
        };
    }

    private Check kl(long interval, double goal, Gemma2 teacher, Gemma2 student) {
        MeanKl distance = new MeanKl(study.mixed());
        return Check.every(
                interval,
                _ -> {
                    double kl = distance.of(teacher, student, runner.machine().workers());
                    return outcome(KL, kl, kl <= goal);
                });
    }

    private static Check.Outcome outcome(String metric, double value, boolean stop) {
        SequencedMap<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(metric, value);
        return new Check.Outcome(metrics, stop);
    }
}
