package dev.lethe.model.objective;

import static dev.lethe.model.data.StepBatch.Role.MAIN;
import static dev.lethe.model.objective.StepInputs.reciprocal;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms.Term;
import java.util.List;
import java.util.SequencedMap;

/// Next-token prediction (PAPER 1.1): mean over targets of `-log p(next token)` on main data.
public record NextToken() implements Objective {
    private static final String CE = "ce";

    @Override
    public boolean repeatable() {
        return true;
    }

    @Override
    public SequencedMap<String, Double> denominators(StepBatch whole) {
        return Forward.denominators(CE, whole.get(MAIN).targetCount());
    }

    @Override
    public LossTerms terms(
            Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
        return LossTerms.of(
                new Term(
                        CE,
                        1,
                        Forward.crossEntropy(
                                model, part.get(MAIN), reciprocal(denominators, CE))));
    }

    @Override
    public List<OutputTerm> outputTerms() {
        return List.of(new OutputTerm(CE, 1, MAIN, LogitOutput::nextTokens));
    }
}
