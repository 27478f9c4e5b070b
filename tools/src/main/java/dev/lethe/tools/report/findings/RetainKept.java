package dev.lethe.tools.report.findings;

import dev.lethe.tools.report.findings.Judge.Sense;
import dev.lethe.tools.report.results.Ability;
import dev.lethe.tools.report.results.Claim;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Distilled and UNDO models can do nearly all that their teachers can.
record RetainKept() implements Question {
    @Override
    public String name() {
        return "retain-kept";
    }

    @Override
    public Claim judge(Findings findings) {
        double most = findings.thresholds().retainLoss();
        String what =
                findings.ability() == Ability.ACCURACY
                        ? "each distilled and UNDO model loses at most %s of its teacher's retain"
                                + " accuracy"
                        : "retain cross-entropy of each distilled and UNDO model is above its"
                                + " teacher's by a share of at most %s";
        Judge judge = new Judge(name(), what.formatted(Words.plain(most)), most, Sense.AT_MOST);
        List<String> distilled =
                findings.thresholds().methods().stream().map(m -> Findings.DISTILLED + m).toList();
        List<String> undone = findings.undone();
        List<String> missing =
                Stream.concat(
                                Need.absent(
                                        findings,
                                        Stream.concat(
                                                        findings.judged().stream(),
                                                        distilled.stream())
                                                .toList()),
                                undone.isEmpty() ? Stream.of("UNDO") : Stream.empty())
                        .toList();
        if (!missing.isEmpty()) {
            return judge.missing(missing);
        }
        List<Measured> parts =
                Stream.concat(distilled.stream(), undone.stream())
                        .map(
                                model ->
                                        Measured.of(
                                                model,
                                                findings.seeds(),
                                                seed -> findings.retainLoss(model, seed)))
                        .toList();
        return judge.by(parts, Optional.empty(), 0);
    }
}
