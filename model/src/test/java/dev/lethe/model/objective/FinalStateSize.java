package dev.lethe.model.objective;

import static dev.lethe.engine.autograd.MaskedMeanSquare.maskedMeanSquare;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.Shape;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms.Term;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// A loss of someone else's: the mean square of the final states.
record FinalStateSize() implements CustomObjective {
    @Override
    public SequencedMap<String, Double> denominators(StepBatch whole) {
        Batch main = whole.get(StepBatch.Role.MAIN);
        return new LinkedHashMap<>(Map.of("size", 12.0 * main.positions()));
    }

    @Override
    public LossTerms terms(
            Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
        Batch main = part.get(StepBatch.Role.MAIN);
        Tensor ids = Tensor.ofInts(Shape.of(main.rows(), main.tokens()), main.ids());
        Tensor states = model.forward(ids).lastHidden();
        Tensor zero = Tensor.zeros(states.dtype(), Shape.of(states.shape().dim(-1)));
        Tensor mask = Tensor.ofInts(Shape.of(states.shape().rows()), main.positionMask());
        double denominator = denominators.get("size");
        return LossTerms.of(
                new Term("size", 1, maskedMeanSquare(states, zero, mask, denominator)));
    }
}
