package dev.lethe.model.train;

import dev.lethe.engine.autograd.Backpropagation;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
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
import java.util.function.Consumer;

/// Loss and gradient of a whole batch, which is cut into micro-batches by shape alone. Each is run
/// forward and backward whole by one worker in an arena of its own; their gradients are added in
/// the order of their numbers. So the result has the same bits for any number of threads. They are
/// kept and added in the type of the masters, F32 where mixed precision takes them in BF16.
///
/// There is memory for a few gradients alone, the first of which is the sum, whatever the number of
/// micro-batches: they are computed and added round by round.
final class BatchGradient implements AutoCloseable {
    /// @param total weighted
    /// @param terms unweighted, by name
    record Loss(double total, SequencedMap<String, Double> terms) {
        /// @param values of all parts, part by part
        static Loss of(List<Value> values) {
            SequencedMap<String, Double> terms = new LinkedHashMap<>();
            double total = 0;
            for (Value value : values) {
                terms.merge(value.name(), value.value(), Double::sum);
                total += value.weight() * value.value();
            }
            return new Loss(total, terms);
        }
    }

    /// A term of one part.
    record Value(String name, double weight, double value) {}

    private final Gemma2 model;
    private final Objective objective;
    private final Workers workers;
    private final int microBatches;
    private final List<Slot> slots = new ArrayList<>(); // one a micro-batch of a round
    private final Deque<TensorArena> arenas = new ArrayDeque<>(); // closed; one a thread that works

    /// What a micro-batch of a round keeps from step to step.
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
        this.microBatches = microBatches;
        int gradients = gradients(model.masters().backend(), microBatches, workers.threads());
        for (int i = 0; i < gradients; i++) {
            slots.add(new Slot(model, trained));
        }
    }

    /// How many gradients are held at once: the sum and one more where micro-batches come one after
    /// the other anyway, the sum and two a thread where they do not.
    static int gradients(Backend backend, int microBatches, int threads) {
        boolean serial = threads == 1 || backend.deviceMemory().isPresent();
        return Math.min(microBatches, serial ? 2 : 1 + 2 * threads);
    }

    /// Overwrites [#sum].
    Loss evaluate(StepBatch batch) {
        SequencedMap<String, Double> denominators = denominators(batch);
        int count = Math.min(microBatches, batch.rows());
        List<List<Value>> values = new ArrayList<>(Collections.nCopies(count, null));
        // All at once, or rounds of as many as the threads share evenly.
        int most = count <= slots.size() ? count : slots.size() - 1;
        int done = 0;
        while (done < count) {
            int first = done == 0 ? 0 : 1; // the sum's own is taken after the first round
            int part = done;
            int round = Math.min(most, count - done);
            workers.forEach(
                    round,
                    i -> {
                        Slot slot = slots.get(first + i);
                        slot.part = batch.part(part + i, count, slot.part);
                        values.set(part + i, microBatch(first + i, denominators));
                    });
            addUp(first + round);
            done += round;
        }
        return Loss.of(values.stream().flatMap(List::stream).toList());
    }

    private List<Value> microBatch(int slot, SequencedMap<String, Double> denominators) {
        List<Value> values = new ArrayList<>();
        TensorArena arena = openArena();
        try (arena) {
            differentiate(
                    slots.get(slot).part,
                    slot,
                    denominators,
                    terms ->
                            terms.terms()
                                    .forEach(
                                            term ->
                                                    values.add(
                                                            new Value(
                                                                    term.name(),
                                                                    term.weight(),
                                                                    term.value().item()))));
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

    SequencedMap<String, Double> denominators(StepBatch batch) {
        return objective.denominators(batch);
    }

    /// Forward and backward of one part in the open arena; overwrites the gradient of the slot.
    ///
    /// @param seen takes the terms before the backward pass uses them up
    void differentiate(
            StepBatch part,
            int slot,
            SequencedMap<String, Double> denominators,
            Consumer<LossTerms> seen) {
        LossTerms terms = objective.terms(model, part, denominators);
        Tensor total = terms.total();
        seen.accept(terms);
        slots.get(slot).backpropagation.run(total);
    }

    /// Gradients of the slots before `count` into that of slot 0, range by range, slot by slot.
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

    /// Where a part's gradient goes before it is added to [#sum], in order, one by one: part 0 makes
    /// the sum itself.
    int slotOf(int part) {
        return Math.min(part, 1);
    }

    /// Adds the gradient of a part other than the first.
    void add() {
        Parameters sum = sum();
        sum.backend().elementwise().addTo(slots.get(1).gradient.flat(), sum.flat());
    }

    @Override
    public void close() {
        slots.forEach(slot -> slot.gradient.close());
    }
}
