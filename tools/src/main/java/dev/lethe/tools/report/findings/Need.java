package dev.lethe.tools.report.findings;

import dev.lethe.tools.report.results.Attack;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/// What a claim needs from the run, and differences that several claims are about.
final class Need {
    private Need() {}

    /// Models that a verdict about relearning lacks, in words. Beside those named these are base
    /// and the unlearned models, which show that the attack is strong enough.
    static List<String> attacked(Findings findings, String... models) {
        Stream<String> base = absent(findings, List.of(Findings.BASE));
        Stream<String> victims =
                Stream.concat(findings.judged().stream(), Stream.of(models))
                        .filter(model -> !isAttacked(findings, model, Attack.RELEARN))
                        .map(model -> "the attack on " + model);
        return Stream.concat(base, victims).distinct().toList();
    }

    static Stream<String> absent(Findings findings, List<String> models) {
        return models.stream().filter(model -> !findings.results().has(model));
    }

    static boolean isAttacked(Findings findings, String model, Attack attack) {
        return findings.results().rows().stream()
                .anyMatch(row -> row.model().equals(model) && row.attack() == attack);
    }

    /// A of a model less A of another, paired by seed.
    static Measured areaAbove(Findings findings, String model, String other) {
        return Measured.of(
                model,
                findings.seeds(),
                seed -> difference(findings.area(model, seed), findings.area(other, seed)));
    }

    static OptionalDouble difference(OptionalDouble a, OptionalDouble b) {
        return a.isPresent() && b.isPresent()
                ? OptionalDouble.of(a.getAsDouble() - b.getAsDouble())
                : OptionalDouble.empty();
    }

    /// Why a model gets no figure of robustness, where it lost too much.
    static Optional<String> retainLost(Findings findings, List<String> models) {
        double most = findings.thresholds().retainLoss();
        for (String model : models) {
            for (long seed : findings.seeds()) {
                double loss = findings.retainLoss(model, seed).orElse(0);
                if (loss > most + Judge.Sense.ROUNDING) {
                    return Optional.of(
                            Words.format(
                                    "%s lost %.3f of its teacher's retain ability at seed %d, more"
                                            + " than %s, so it gets no R",
                                    model, loss, seed, Words.plain(most)));
                }
            }
        }
        return Optional.empty();
    }
}
