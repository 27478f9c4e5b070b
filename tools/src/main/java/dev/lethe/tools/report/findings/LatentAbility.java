package dev.lethe.tools.report.findings;

import dev.lethe.tools.report.findings.Judge.Sense;
import dev.lethe.tools.report.results.Attack;
import dev.lethe.tools.report.results.Claim;

import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/// Training on half of the facts brings back the other half too, which was therefore never gone.
record LatentAbility() implements Question {
    @Override
    public String name() {
        return "latent-ability";
    }

    @Override
    public Claim judge(Findings findings) {
        double margin = findings.thresholds().margin();
        Judge judge =
                new Judge(
                        name(),
                        "relearning half of the facts brings the untouched half in each unlearned"
                                + " model more than "
                                + Words.plain(margin)
                                + " above filter",
                        margin,
                        Sense.MORE_THAN);
        List<String> missing =
                Stream.concat(
                                Need.attacked(findings).stream(),
                                Stream.concat(
                                                Stream.of(Findings.FILTER),
                                                findings.judged().stream())
                                        .filter(
                                                model ->
                                                        !Need.isAttacked(
                                                                findings,
                                                                model,
                                                                Attack.RELEARN_HALF))
                                        .map(model -> "the half attack on " + model))
                        .toList();
        if (!missing.isEmpty()) {
            return judge.missing(missing);
        }
        List<Measured> parts =
                findings.judged().stream()
                        .map(
                                model ->
                                        Measured.of(
                                                model,
                                                findings.seeds(),
                                                seed ->
                                                        Need.difference(
                                                                untouched(findings, model, seed),
                                                                untouched(
                                                                        findings,
                                                                        Findings.FILTER,
                                                                        seed))))
                        .toList();
        return judge.by(parts, findings.weakness(), 0);
    }

    private static OptionalDouble untouched(Findings findings, String model, long seed) {
        Double height =
                findings.curve(model, seed, Attack.RELEARN_HALF, findings.ability().heldOut())
                        .heights()
                        .get(findings.thresholds().horizon());
        return height == null ? OptionalDouble.empty() : OptionalDouble.of(height);
    }
}
