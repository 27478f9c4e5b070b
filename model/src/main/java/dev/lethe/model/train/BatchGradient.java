package dev.lethe.model.train;

import dev.lethe.engine.autograd.Backpropagation;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.Objective;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
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
    private final Workers workers;
    private final List<Slot> slots = new ArrayList<>(); // one a micro-batch
    private final Deque<TensorArena> arenas = new ArrayDeque<>(); // closed; one a thread that works

    /// What a micro-batch keeps from step to step.
    private static final class Slot {
        final Parameters gradient;
        final List<Buffer> ranges; // of the gradient
        final Backpropagation backpropagation;
        StepBatch part; // whose arrays the next step uses

        Slot(Gemma2 model, List<String> trained) {
            gradient = model.masters().zerosLike();
            ranges = FlatRanges.of(gradient.flat());
            backpropagation =
                    new Backpropagation(
                            model.parameters().get(trained), gradient.get(trained));
        }
    }

    BatchGradient(
            Gemma2 model,
            Objective objective,
            List<String> trained,
            int microBatches,
            Workers workers) {
        this.model = model;
        this.objective = objective;
        this.workers = workers;
        for (int i = 0; i < microBatches; i++) {
            slots.add(new Slot(model, trained));
        }
    }

    /// Overwrites [#sum].
    Loss evaluate(StepBatch batch) {
        SequencedMap<String, Double> denominators = objective.denominators(batch);
        int count = Math.min(slots.size(), batch.rows());
        List<SequencedMap<String, Value>> values =
                new ArrayList<>(Collections.nCopies(count, null));
        workers.forEach(
                count,
                i -> {
                    Slot slot = slots.get(i);
                    slot.part = batch.part(i, count, slot.part);
                    values.set(i, microBatch(slot, denominators));
                });
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
            Slot slot, SequencedMap<String, Double> denominators) {
        SequencedMap<String, Value> values = new LinkedHashMap<>();
        TensorArena arena = openArena();
        try (arena) {
            LossTerms terms = objective.terms(model, slot.part, denominators);
            Tensor total = terms.total();
            for (LossTerms.Term term : terms.terms()) {
                values.put(term.name(), new Value(term.weight(), term.value().item()));
            }
            slot.backpropagation.run(total);
        }
        synchronized (arenas) {
            arenas.push(arena);
        }
        return values;
    }

    /// One that a micro-batch before left behind, so that nothing is made anew.
    private TensorArena openArena() {
        TensorArena arena;
        synchronized (arenas) {
            arena = arenas.poll();
        }
        return arena == null ? model.parameters().backend().openStep() : arena.reopen();
    }

    /// Gradients of all parts into those of part 0, range by range, part by part.
    private void addUp(int count) {
        ElementwiseKernels elementwise = model.parameters().backend().elementwise();
        List<Buffer> sums = slots.getFirst().ranges;
        workers.forEach(
                sums.size(),
                range -> {
                    for (int i = 1; i < count; i++) {
                        elementwise.addTo(slots.get(i).ranges.get(range), sums.get(range));
                    }
                });
    }

    /// The gradient of the batch last evaluated, in the layout of the parameters; zero where
    /// nothing is trained.
    Parameters sum() {
        return slots.getFirst().gradient;
    }

    @Override
    public void close() {
        slots.forEach(slot -> slot.gradient.close());
    }
}
