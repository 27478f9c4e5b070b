package dev.lethe.model.objective;

import static dev.lethe.engine.autograd.LinearUniformKl.linearUniformKl;
import static dev.lethe.model.data.StepBatch.Role.FORGET;
import static dev.lethe.model.data.StepBatch.Role.RETAIN;
import static dev.lethe.model.objective.StepInputs.reciprocal;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms.Term;
import java.util.List;
import java.util.SequencedMap;

/// Maximum entropy (PAPER 1.3): `KL(uniform || p)` on forget data, `+ alpha CE(retain)`.
///
/// @param alpha weight of the retain term
/// @param positions what the forget term is averaged over
public record MaxEnt(double alpha, Positions positions) implements Objective {
    private static final String FORGET_KL = "forget_kl_uniform";
    private static final String RETAIN_CE = "retain_ce";

    @Override
    public boolean repeatable() {
        return true;
    }

    @Override
    public SequencedMap<String, Double> denominators(StepBatch whole) {
        return Forward.and(
                Forward.denominators(FORGET_KL, positions.count(whole.get(FORGET))),
                RETAIN_CE,
                whole.get(RETAIN).targetCount());
    }

    @Override
    public LossTerms terms(
            Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
        Batch forget = part.get(FORGET);
        Tensor mask = Forward.perRow(forget, positions.column());
        return LossTerms.of(
                new Term(
                        FORGET_KL,
                        1,
                        linearUniformKl(
                                Forward.head(model, forget),
                                mask,
                                reciprocal(denominators, FORGET_KL))),
                new Term(
                        RETAIN_CE,
                        alpha,
                        Forward.crossEntropy(
                                model, part.get(RETAIN), reciprocal(denominators, RETAIN_CE))));
    }

    @Override
    public List<OutputTerm> outputTerms() {
        return List.of(
                new OutputTerm(FORGET_KL, 1, FORGET, LogitOutput.uniform(positions)),
                new OutputTerm(RETAIN_CE, alpha, RETAIN, LogitOutput::nextTokens));
    }
}
