package dev.lethe.model;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.CustomObjective;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.Objective;
import java.util.SequencedMap;

/// An objective that does not say which function of the model's output its terms are.
public record UnsplitObjective(Objective of) implements CustomObjective {
    @Override
    public SequencedMap<String, Double> denominators(StepBatch whole) {
        return of.denominators(whole);
    }

    @Override
    public LossTerms terms(
            Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
        return of.terms(model, part, denominators);
    }
}
