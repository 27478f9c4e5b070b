package dev.lethe.tools.report.findings;

import dev.lethe.tools.report.findings.Judge.Sense;
import dev.lethe.tools.report.results.Attack;
import dev.lethe.tools.report.results.Claim;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// No merely unlearned model is at least as good as UNDO's most robust one in both what it retains
/// and what an attack finds in it.
record UndoOnParetoFront() implements Question {
    @Override
    public String name() {
        return "undo-on-pareto-front";
    }

    @Override
    public Claim judge(Findings findings) {
        long horizon = findings.thresholds().horizon();
        Judge judge =
                new Judge(
                        name(),
                        "no unlearned model is at least as good as the UNDO model of highest R both"
                                + " in retain ability before the attack and in what is forgotten"
                                + " after %d steps of it".formatted(horizon),
                        0,
                        Sense.MORE_THAN);
        List<String> undone = findings.undone();
        List<String> missing =
                Stream.concat(
                                Need.attacked(
                                        findings,
                                        Stream.concat(Stream.of(Findings.FILTER), undone.stream())
                                                .toArray(String[]::new))
                                        .stream(),
                                undone.isEmpty() ? Stream.of("UNDO") : Stream.empty())
                        .toList();
        if (!missing.isEmpty()) {
            return judge.missing(missing);
        }
        if (findings.weakness().isPresent()) {
            return judge.undecided(findings.weakness().get(), List.of());
        }
        Optional<String> best = mostRobust(findings);
        if (best.isEmpty()) {
            return judge.undecided("no UNDO model has an R in every seed", List.of());
        }
        List<Measured> parts =
                rivals(findings).stream()
                        .map(rival -> advantage(findings, best.get(), rival))
                        .toList();
        return judge.by(parts, Optional.empty(), 0);
    }

    /// Of those that have a figure in each seed.
    static Optional<String> mostRobust(Findings findings) {
        return findings.undone().stream()
                .map(
                        model ->
                                Measured.of(
                                        model,
                                        findings.seeds(),
                                        seed -> findings.robustness(model, seed)))
                .filter(Measured::isComplete)
                .max(Comparator.comparingDouble(each -> each.estimate().mean()))
                .map(Measured::name);
    }

    /// All `unlearn-*` under attack, SAM and RepNoise included.
    private static List<String> rivals(Findings findings) {
        return findings.results().models().stream()
                .filter(model -> model.startsWith(Findings.UNLEARNED))
                .filter(model -> Need.isAttacked(findings, model, Attack.RELEARN))
                .toList();
    }

    /// By how much UNDO is better in the one of both that speaks more for it, so that the rival is
    /// at least as good in both exactly where this is not positive.
    private static Measured advantage(Findings findings, String undo, String rival) {
        long horizon = findings.thresholds().horizon();
        Measured retain =
                Measured.of(
                        "retain against " + rival,
                        findings.seeds(),
                        seed ->
                                Need.difference(
                                        findings.retain(undo, seed), findings.retain(rival, seed)));
        Measured forget =
                Measured.of(
                        "forget against " + rival,
                        findings.seeds(),
                        seed ->
                                Need.difference(
                                        findings.forget(rival, seed, horizon),
                                        findings.forget(undo, seed, horizon)));
        if (!retain.isComplete() || !forget.isComplete()) {
            return retain.isComplete() ? forget : retain;
        }
        return retain.estimate().mean() > forget.estimate().mean() ? retain : forget;
    }
}
