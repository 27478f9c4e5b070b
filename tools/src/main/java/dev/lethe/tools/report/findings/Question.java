package dev.lethe.tools.report.findings;

import dev.lethe.tools.report.results.Ability;
import dev.lethe.tools.report.results.Claim;

import java.util.ArrayList;
import java.util.List;

/// A claim of the paper before it is judged.
sealed interface Question
        permits UnlearningIsShallow,
                ReferenceLeaks,
                DistillationRobustifies,
                LatentAbility,
                UndoScales,
                UndoOnParetoFront,
                RetainKept {
    /// As `summary.json` has it.
    String name();

    Claim judge(Findings findings);

    /// Those that a study is asked, in the order of the contract.
    static List<Question> of(Findings findings) {
        List<Question> all = new ArrayList<>();
        all.add(new UnlearningIsShallow());
        all.add(new ReferenceLeaks());
        findings.thresholds().methods().forEach(m -> all.add(new DistillationRobustifies(m)));
        if (findings.ability() == Ability.ACCURACY) {
            // In a language the other half's return may be generalisation.
            all.add(new LatentAbility());
        }
        all.add(new UndoScales());
        all.add(new UndoOnParetoFront());
        all.add(new RetainKept());
        return all;
    }
}
