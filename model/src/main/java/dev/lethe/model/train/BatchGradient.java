package dev.lethe.model.train;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.Objective;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Loss and gradient of a whole batch, which is cut into micro-batches by shape alone. Each is run
/// forward and backward whole by one worker in an arena of its own; their gradients are added in
/// the order of their numbers. So the result has the same bits for any number of threads. They are
/// kept and added in the type of the masters, F32 where mixed precision takes them in BF16.
final class BatchGradient implements AutoCloseable {
    /// @param total weighted
    /// @param terms unweighted, by name
    record Loss(double total, SequencedMap<String, Double> terms) {}

    private record Value(double weight, double value) {}

    private final Gemma2 model;
    private final Objective objective;
    private final List<String> trained;
    private final Workers workers;
    private final List<Parameters> parts = new ArrayList<>(); // one gradient a micro-batch

    BatchGradient(
            Gemma2 model,
            Objective objective,
            List<String> trained,
            int microBatches,
            Workers workers) {
        this.model = model;
        this.objective = objective;
        this.trained = trained;
        this.workers = workers;
        for (int i = 0; i < microBatches; i++) {
            parts.add(model.masters().zerosLike());
        }
    }

    /// Overwrites [#sum].
    Loss evaluate(StepBatch batch) {
        SequencedMap<String, Double> denominators = objective.denominators(batch);
        int count = Math.min(parts.size(), batch.rows());
        List<SequencedMap<String, Value>> values =
                new ArrayList<>(Collections.nCopies(count, null));
        workers.forEach(
                count, i -> values.set(i, microBatch(batch.part(i, count), i, denominators)));
        addUp(count);
        SequencedMap<String, Double> terms = new LinkedHashMap<>();
        double total = 0;
        for (SequencedMap<String, Value> part : values) {
            for (var entry : part.entrySet()) {
                Value value = entry.getValue();
                terms.merge(entry.getKey(), value.value(), Double::sum);
                total += value.weight() * value.value();
            }
        }
        return new Loss(total, terms);
    }

    private SequencedMap<String, Value> microBatch(
            StepBatch part, int slot, SequencedMap<String, Double> denominators) {
        Backend backend = model.parameters().backend();
        try (TensorArena _ = backend.openStep()) {
            LossTerms terms = objective.terms(model, part, denominators);
            Tensor total = terms.total();
            SequencedMap<String, Value> values = new LinkedHashMap<>();
            for (LossTerms.Term term : terms.terms()) {
                values.put(term.name(), new Value(term.weight(), term.value().item()));
            }
            Autograd.backpropagate(
                    total, model.parameters().get(trained), parts.get(slot).get(trained));
            return values;
        }
    }

    /// Gradients of all parts into those of part 0, range by range, part by part.
    private void addUp(int count) {
        Buffer sum = sum().flat();
        Backend backend = model.parameters().backend();
        FlatRanges.forEach(
                sum,
                workers,
                (from, length) -> {
                    for (int i = 1; i < count; i++) {
                        Buffer part = parts.get(i).flat().slice(from, length);
                        backend.elementwise().addTo(part, sum.slice(from, length));
                    }
                });
    }

    /// The gradient of the batch last evaluated, in the layout of the parameters; zero where
    /// nothing is trained.
    Parameters sum() {
        return parts.getFirst();
    }

    @Override
    public void close() {
        parts.forEach(Parameters::close);
    }
}
