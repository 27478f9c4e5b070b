package dev.lethe.model.objective;

import static dev.lethe.engine.autograd.LinearKl.linearKl;
import static dev.lethe.model.data.StepBatch.Role.MAIN;
import static dev.lethe.model.objective.StepInputs.reciprocal;

import dev.lethe.engine.autograd.LinearHead;
import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms.Term;
import java.util.List;
import java.util.SequencedMap;

/// Distillation (PAPER 1.2): forward `KL(teacher || student)` at temperature 1 on main data.
///
/// @param teacher held fixed, on the student's backend
/// @param positions what the mean is over
public record Distill(Gemma2 teacher, Positions positions) implements Objective {
    private static final String KL = "kl";

    @Override
    public boolean repeatable() {
        return true;
    }

    @Override
    public SequencedMap<String, Double> denominators(StepBatch whole) {
        return Forward.denominators(KL, positions.count(whole.get(MAIN)));
    }

    @Override
    public LossTerms terms(
            Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
        Batch main = part.get(MAIN);
        LinearHead fixed = Recording.off(() -> Forward.head(teacher, main));
        Tensor mask = Forward.perRow(main, positions.column());
        return LossTerms.of(
                new Term(
                        KL,
                        1,
                        linearKl(
                                Forward.head(model, main),
                                fixed,
                                mask,
                                reciprocal(denominators, KL))));
    }

    @Override
    public List<OutputTerm> outputTerms() {
        return List.of(new OutputTerm(KL, 1, MAIN, LogitOutput.teacher(teacher, positions)));
    }
}
