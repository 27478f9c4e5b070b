package dev.lethe.tools.report.findings;

import dev.lethe.tools.report.findings.Judge.Sense;
import dev.lethe.tools.report.results.Claim;
import dev.lethe.tools.report.results.Summary.Stopped;

import java.util.List;
import java.util.Optional;

/// A student that begins with base's weights relearns faster than one that behaves the same but
/// begins at random: the weights remember what the behaviour does not show.
record ReferenceLeaks() implements Question {
    @Override
    public String name() {
        return "reference-leaks";
    }

    @Override
    public Claim judge(Findings findings) {
        double margin = findings.thresholds().margin();
        Judge judge =
                new Judge(
                        name(),
                        "A of student-reference exceeds A of student-random, matched in behaviour,"
                                + " by at least "
                                + Words.plain(margin),
                        margin,
                        Sense.AT_LEAST);
        List<String> missing = Need.attacked(findings, Findings.RANDOM, Findings.REFERENCE);
        if (!missing.isEmpty()) {
            return judge.missing(missing);
        }
        Measured gap = Need.areaAbove(findings, Findings.REFERENCE, Findings.RANDOM);
        Measured named = new Measured("student-reference above student-random", gap.seeds());
        return judge.by(List.of(named), findings.weakness().or(() -> unmatched(findings)), 0);
    }

    /// The reference student's rule is that its KL has come down to the random student's.
    private static Optional<String> unmatched(Findings findings) {
        return findings.seeds().stream()
                .filter(
                        seed ->
                                findings.compute(Findings.REFERENCE, seed)
                                        .filter(made -> made.stopped() == Stopped.RULE)
                                        .isEmpty())
                .findFirst()
                .map(
                        seed ->
                                "at seed "
                                        + seed
                                        + " the KL of student-reference did not come down to that"
                                        + " of student-random, so they do not behave the same");
    }
}
