package dev.lethe.model.golden;

import static dev.lethe.engine.autograd.MaskedMeanSquare.maskedMeanSquare;
import static dev.lethe.model.data.StepBatch.Role.FORGET;
import static dev.lethe.model.data.StepBatch.Role.RETAIN;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.Shape;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.CustomObjective;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.LossTerms.Term;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// RMU on the state after the final norm, as a loss from outside the project would be written.
record FinalStateRmu(double[] u, double c, double alpha, Gemma2 frozen)
        implements CustomObjective {
    @Override
    public SequencedMap<String, Double> denominators(StepBatch whole) {
        SequencedMap<String, Double> denominators = new LinkedHashMap<>();
        denominators.put("forget_mse", (double) whole.get(FORGET).positions() * u.length);
        denominators.put("retain_mse", (double) whole.get(RETAIN).positions() * u.length);
        return denominators;
    }

    @Override
    public LossTerms terms(
            Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
        double[] scaled = Arrays.stream(u).map(x -> c * x).toArray();
        Tensor goal = Tensor.of(model.parameters().dtype(), Shape.of(u.length), scaled);
        Tensor held = Recording.off(() -> state(frozen, part.get(RETAIN)));
        Tensor forget = distance(model, part.get(FORGET), goal, denominators.get("forget_mse"));
        Tensor retain = distance(model, part.get(RETAIN), held, denominators.get("retain_mse"));
        return LossTerms.of(
                new Term("forget_mse", 1, forget), new Term("retain_mse", alpha, retain));
    }

    private static Tensor state(Gemma2 model, Batch batch) {
        Tensor ids = Tensor.ofInts(Shape.of(batch.rows(), batch.tokens()), batch.ids());
        return model.forward(ids).lastHidden();
    }

    private static Tensor distance(Gemma2 model, Batch batch, Tensor goal, double denominator) {
        Shape rows = Shape.of(batch.rows() * batch.tokens());
        Tensor mask = Tensor.ofInts(rows, batch.positionMask());
        return maskedMeanSquare(state(model, batch), goal, mask, denominator);
    }
}
