package dev.lethe.model.gradients;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.objective.LossTerms;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// An objective's value without any derivative.
///
/// @param loss the weighted sum of the terms
/// @param terms each term's value, not weighted
public record LossValue(double loss, SequencedMap<String, Double> terms) {
    /// On a whole batch, part by part.
    public static LossValue of(Point point, Workers workers) {
        SequencedMap<String, Double> denominators = point.objective().denominators(point.batch());
        int count = OrderedParts.count(point.model().config(), point.objective(), point.batch());
        double[] loss = new double[1];
        SequencedMap<String, Double> terms = new LinkedHashMap<>();
        OrderedParts.forEach(
                count,
                workers,
                i -> part(point, point.batch().part(i, count), denominators),
                part -> {
                    loss[0] += part.loss();
                    part.terms().forEach((name, x) -> terms.merge(name, x, Double::sum));
                });
        return new LossValue(loss[0], terms);
    }

    private static LossValue part(
            Point point, StepBatch rows, SequencedMap<String, Double> denominators) {
        try (TensorArena _ = point.model().parameters().backend().openStep()) {
            return of(
                    Recording.off(
                            () -> point.objective().terms(point.model(), rows, denominators)));
        }
    }

    static LossValue of(LossTerms found) {
        double loss = 0;
        SequencedMap<String, Double> terms = new LinkedHashMap<>();
        for (LossTerms.Term term : found.terms()) {
            double value = term.value().item();
            terms.put(term.name(), value);
            loss += term.weight() * value;
        }
        return new LossValue(loss, terms);
    }
}
