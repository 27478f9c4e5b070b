package dev.lethe.tools.report.page;

import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.findings.Words;
import dev.lethe.tools.report.results.Claim;

/// A claim in a paragraph: what was asked, and what came out.
final class Story {
    private Story() {}

    static String of(Claim claim, Findings findings) {
        return question(claim.name(), findings) + " " + answer(claim);
    }

    private static String question(String name, Findings findings) {
        long horizon = findings.thresholds().horizon();
        return switch (name) {
            case "unlearning-is-shallow" ->
                    "Each unlearned model does badly at what it should have forgotten. But if the"
                        + " ability were gone, relearning it would take as long as for filter,"
                        + " which learns it for the first time.";
            case "reference-leaks" ->
                    "Two students are distilled from filter until they behave alike: one begins"
                        + " with random weights, the other with base's, which knew the data. If"
                        + " behaviour were all, both would relearn at the same pace.";
            case "latent-ability" ->
                    Words.format(
                            "The attack trains on a fixed half of the facts for %d steps and is"
                                + " judged on the other half. What returns there beyond filter's"
                                + " own gain was never learned from the attack: it was recalled.",
                            horizon);
            case "undo-scales" ->
                    "UNDO replaces a share alpha of the unlearned model's weights by noise and"
                        + " distils the model back until it has its teacher's retain ability. Alpha"
                        + " trades compute for robustness.";
            case "undo-on-pareto-front" ->
                    "A good model keeps much and lets little return. One that is at least as good"
                        + " in both as another makes the other pointless.";
            case "retain-kept" ->
                    "Robustness is worth little if it costs what should be kept. Each distilled"
                        + " model is compared with its own teacher on the same fixed evaluation"
                        + " set.";
            default ->
                    name.startsWith("distillation-robustifies-")
                            ? "The unlearned model teaches a fresh one, which copies its answers"
                                  + " but not its weights. R says how far its relearning curve has"
                                  + " moved from the teacher's (0) to filter's (1)."
                            : claim(name);
        };
    }

    private static String claim(String name) {
        return "Claim " + name + ".";
    }

    private static String answer(Claim claim) {
        String measured =
                claim.value() == null
                        ? ""
                        : " Measured: "
                                + ClaimsSection.number(claim.value())
                                + (claim.interval() == null
                                        ? ""
                                        : " (95% interval "
                                                + ClaimsSection.interval(claim.interval())
                                                + ")")
                                + (claim.note() == null ? "" : "; " + claim.note())
                                + ".";
        return switch (claim.verdict()) {
            case HOLDS -> "The claim holds: " + claim.statement() + "." + measured;
            case FAILS ->
                    "The claim does not hold: not so that " + claim.statement() + "." + measured;
            case NO_VERDICT -> "There is no verdict: " + claim.note() + ".";
            case NOT_EVALUATED -> "It was " + claim.note() + ".";
        };
    }
}
