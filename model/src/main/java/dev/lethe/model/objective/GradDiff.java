package dev.lethe.model.objective;

import static dev.lethe.model.data.StepBatch.Role.FORGET;
import static dev.lethe.model.data.StepBatch.Role.RETAIN;
import static dev.lethe.model.objective.StepInputs.reciprocal;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms.Term;
import java.util.List;
import java.util.SequencedMap;

/// Gradient difference (Liu et al. 2022; PAPER 1.3): `-CE(forget) + alpha CE(retain)`. The forget term
/// has no lower bound; steps and clipping are what stops it.
///
/// @param alpha weight of the retain term
public record GradDiff(double alpha) implements Objective {
    private static final String FORGET_CE = "forget_ce";
    private static final String RETAIN_CE = "retain_ce";

    @Override
    public boolean repeatable() {
        return true;
    }

    @Override
    public SequencedMap<String, Double> denominators(StepBatch whole) {
        return Forward.and(
                Forward.denominators(FORGET_CE, whole.get(FORGET).targetCount()),
                RETAIN_CE,
                whole.get(RETAIN).targetCount());
    }

    @Override
    public LossTerms terms(
            Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
        return LossTerms.of(
                new Term(
                        FORGET_CE,
                        -1,
                        Forward.crossEntropy(
                                model, part.get(FORGET), reciprocal(denominators, FORGET_CE))),
                new Term(
                        RETAIN_CE,
                        alpha,
                        Forward.crossEntropy(
                                model, part.get(RETAIN), reciprocal(denominators, RETAIN_CE))));
    }

    @Override
    public List<OutputTerm> outputTerms() {
        return List.of(
                new OutputTerm(FORGET_CE, -1, FORGET, LogitOutput::nextTokens),
                new OutputTerm(RETAIN_CE, alpha, RETAIN, LogitOutput::nextTokens));
    }
}
