package dev.lethe.tools.study;

import dev.lethe.model.study.Anatomy;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The terms of all objectives of an anatomy.
final class AnatomyTerms {
    private AnatomyTerms() {}

    /// `graddiff.forget_ce` and so on: every term once, MaxEnt's retain term being GradDiff's.
    static SequencedMap<String, Anatomy.OfTerm> of(Anatomy anatomy) {
        SequencedMap<String, Anatomy.OfTerm> terms = new LinkedHashMap<>();
        for (Anatomy.OfObjective objective : anatomy.objectives()) {
            for (Anatomy.OfTerm term : objective.terms()) {
                boolean again =
                        objective.name().equals("maxent") && term.name().equals("retain_ce");
                if (!again) {
                    terms.put(objective.name() + "." + term.name(), term);
                }
            }
        }
        return terms;
    }
}
