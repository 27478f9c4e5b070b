package dev.lethe.tools.report.findings;

import dev.lethe.tools.report.findings.Judge.Sense;
import dev.lethe.tools.report.results.Attack;
import dev.lethe.tools.report.results.Claim;
import dev.lethe.tools.report.results.Summary;

import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BiFunction;

/// The more UNDO damages the weights, the more robust the result, and the longer its repair.
record UndoScales() implements Question {
    /// Two alphas are always in perfect order or in none.
    private static final int FEWEST = 3;

    @Override
    public String name() {
        return "undo-scales";
    }

    @Override
    public Claim judge(Findings findings) {
        double least = findings.thresholds().correlation();
        Judge judge =
                new Judge(
                        name(),
                        "Spearman correlation of alpha with R, and of alpha with steps to the stop,"
                                + " is at least "
                                + Words.plain(least),
                        least,
                        Sense.AT_LEAST);
        List<String> undone = findings.undone();
        List<String> missing =
                new ArrayList<>(Need.attacked(findings, undone.toArray(String[]::new)));
        if (!Need.isAttacked(findings, Findings.FILTER, Attack.RELEARN)) {
            missing.add("the attack on " + Findings.FILTER);
        }
        if (undone.size() < FEWEST) {
            missing.add("UNDO with at least %d alphas".formatted(FEWEST));
        }
        if (!missing.isEmpty()) {
            return judge.missing(missing);
        }
        Measured robustness = correlation("alpha with R", findings, findings::robustness);
        Measured steps =
                correlation(
                        "alpha with steps",
                        findings,
                        (model, seed) ->
                                findings.compute(model, seed)
                                        .map(Summary.Model::steps)
                                        .map(OptionalDouble::of)
                                        .orElse(OptionalDouble.empty()));
        Optional<String> obstacle = findings.weakness().or(() -> Need.retainLost(findings, undone));
        return judge.by(List.of(robustness, steps), obstacle, 0);
    }

    private static Measured correlation(
            String name, Findings findings, BiFunction<String, Long, OptionalDouble> value) {
        return Measured.of(
                name,
                findings.seeds(),
                seed -> {
                    List<String> models = findings.undone();
                    List<OptionalDouble> all =
                            models.stream().map(model -> value.apply(model, seed)).toList();
                    return all.stream().allMatch(OptionalDouble::isPresent)
                            ? OptionalDouble.of(
                                    spearman(
                                            models.stream()
                                                    .mapToDouble(
                                                            m ->
                                                                    findings.results()
                                                                            .alpha(m)
                                                                            .orElseThrow())
                                                    .toArray(),
                                            all.stream()
                                                    .mapToDouble(OptionalDouble::getAsDouble)
                                                    .toArray()))
                            : OptionalDouble.empty();
                });
    }

    /// Equal values share their mean rank; where all are equal nothing rises, which counts as 0.
    static double spearman(double[] x, double[] y) {
        double correlation = new SpearmansCorrelation().correlation(x, y);
        return Double.isNaN(correlation) ? 0 : correlation;
    }
}
