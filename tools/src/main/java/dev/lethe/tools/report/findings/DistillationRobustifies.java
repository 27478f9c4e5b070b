package dev.lethe.tools.report.findings;

import dev.lethe.tools.report.findings.Judge.Sense;
import dev.lethe.tools.report.results.Claim;

import java.util.List;
import java.util.Optional;

/// A fresh model distilled from an unlearned one relearns nearly as slowly as filter.
///
/// @param method of unlearning
record DistillationRobustifies(String method) implements Question {
    @Override
    public String name() {
        return "distillation-robustifies-" + method;
    }

    @Override
    public Claim judge(Findings findings) {
        double least = findings.thresholds().robustness();
        String model = Findings.DISTILLED + method;
        Judge judge =
                new Judge(
                        name(),
                        "R of " + model + " is at least " + Words.plain(least),
                        least,
                        Sense.AT_LEAST);
        List<String> missing = Need.attacked(findings, Findings.FILTER, model);
        if (!missing.isEmpty()) {
            return judge.missing(missing);
        }
        Measured robustness =
                Measured.of(model, findings.seeds(), seed -> findings.robustness(model, seed));
        Optional<String> obstacle =
                findings.weakness().or(() -> Need.retainLost(findings, List.of(model)));
        return judge.by(List.of(robustness), obstacle, 0);
    }
}
