package dev.lethe.tools.report.findings;

import dev.lethe.tools.report.findings.Judge.Sense;
import dev.lethe.tools.report.results.Claim;

import java.util.List;

/// Unlearned models relearn far faster than one that never saw the data.
record UnlearningIsShallow() implements Question {
    @Override
    public String name() {
        return "unlearning-is-shallow";
    }

    @Override
    public Claim judge(Findings findings) {
        double margin = findings.thresholds().margin();
        Judge judge =
                new Judge(
                        name(),
                        "A of each unlearned model exceeds A of filter by at least "
                                + Words.plain(margin),
                        margin,
                        Sense.AT_LEAST);
        List<String> missing = Need.attacked(findings, Findings.FILTER);
        if (!missing.isEmpty()) {
            return judge.missing(missing);
        }
        List<Measured> parts =
                findings.judged().stream()
                        .map(model -> Need.areaAbove(findings, model, Findings.FILTER))
                        .toList();
        return judge.by(parts, findings.weakness(), 0);
    }
}
