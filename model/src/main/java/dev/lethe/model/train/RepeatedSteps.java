package dev.lethe.model.train;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.StepGraphs;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.StepInputs;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Steps of a device that keeps their work and repeats it. Of each the host checks the batch,
/// writes it and the step's rates to where the work reads them, and says: again. What came of it,
/// losses and norms, stays on the device until [#read].
///
/// A step of a [StepKind] not seen before runs directly; from the second on their work is kept.
final class RepeatedSteps implements AutoCloseable {
    /// @param microBatches parts of a batch at most
    /// @param readBack steps after which they must be read
    record Limits(int microBatches, int readBack) {}

    /// @param reports of the steps made
    /// @param failure of the step after them, where it could not be made
    /// @param unmade tokens of that step and of all that were given after it
    record Read(List<StepReport> reports, Optional<DivergedException> failure, long unmade) {}

    private record Made(long number, double learningRate, long tokens, int parts) {}

    /// A step about to be made.
    ///
    /// @param denominators of the whole batch
    private record Step(
            StepBatch batch, SequencedMap<String, Double> denominators, List<StepBatch> parts) {}

    private record Term(String name, double weight) {}

    private final Gemma2 model;
    private final BatchGradient gradient;
    private final AdamW optimizer;
    private final Limits limits;
    private final Backend backend;
    private final Workers one = new Workers(1); // as there is one stream
    private final StepInputs inputs;
    private final KeptSteps kept;
    private final TensorArena lasting;
    private final List<Term> terms = new ArrayList<>(); // of a part, learnt from the first
    private final List<Made> unread = new ArrayList<>();
    private Buffer results; // F64, terms of all parts, then the gradients' norm
    private Buffer history; // F64, the results of each step not yet read
    private long begin;

    RepeatedSteps(
            Gemma2 model,
            BatchGradient gradient,
            AdamW optimizer,
            StepGraphs graphs,
            Limits limits) {
        this.model = model;
        this.gradient = gradient;
        this.optimizer = optimizer;
        this.limits = limits;
        this.backend = model.parameters().backend();
        this.inputs = new StepInputs(backend);
        this.kept = new KeptSteps(backend, graphs);
        this.lasting = backend.openLongLived();
    }

    /// Whether steps must be read before another one is given.
    boolean isFull() {
        return unread.size() == limits.readBack();
    }

    /// Gives the device one update to make. Waits for nothing. Where a loss or gradient of an
    /// earlier step was not finite, this one leaves the parameters as they are.
    void submit(long number, StepBatch batch, double learningRate) {
        if (unread.isEmpty()) {
            begin = System.nanoTime();
        }
        Step step = step(batch);
        if (!inputs.isLearnt()) {
            direct(step, null, learningRate);
        } else {
            Buffer place = write(step);
            if (kept.hasSeen(kind(step))) {
                repeat(step, place, learningRate);
            } else {
                direct(step, place, learningRate);
            }
        }
        long width = results.length();
        backend.elementwise().copy(results, history.slice(unread.size() * width, width));
        unread.add(new Made(number, learningRate, batch.tokens(), step.parts.size()));
    }

    private Step step(StepBatch batch) {
        for (StepBatch.Role role : batch.roles()) {
            batch.get(role).requireVocabulary(role.label(), model.config().vocabSize());
        }
        int count = Math.min(limits.microBatches(), batch.rows());
        return new Step(
                batch,
                gradient.denominators(batch),
                IntStream.range(0, count).mapToObj(i -> batch.part(i, count)).toList());
    }

    /// Known once it is learnt what the work reads.
    private StepKind kind(Step step) {
        return StepKind.of(step.batch, inputs.unread(step.denominators));
    }

    /// All that a step reads, in one copy.
    private Buffer write(Step step) {
        long length = step.parts.stream().mapToLong(inputs::length).sum();
        MemorySegment host = MemorySegment.ofArray(new int[Math.toIntExact(length)]);
        long at = 0;
        for (StepBatch part : step.parts) {
            inputs.write(part, step.denominators, host, at);
            at += inputs.length(part);
        }
        Buffer place = kept.inputs(length);
        backend.upload(host, place);
        return place;
    }

    private void direct(Step step, Buffer place, double learningRate) {
        long bytes = gradients(step, place, backend::openStep);
        optimizer.prepare(learningRate);
        update();
        kept.seen(kind(step), bytes);
    }

    private void repeat(Step step, Buffer place, double learningRate) {
        StepGraphs.Recorded work =
                kept.of(
                        kind(step),
                        arenas -> {
                            gradients(step, place, arenas);
                            update();
                        });
        optimizer.prepare(learningRate);
        work.replay();
        model.masters().flat().markChanged();
        model.parameters().flat().markChanged();
    }

    /// The batch's gradient and terms.
    ///
    /// @param place null to learn what is read
    /// @return bytes of values that a part had at most
    private long gradients(Step step, Buffer place, Supplier<TensorArena> arenas) {
        long bytes = 0;
        long at = 0;
        int count = step.parts.size();
        for (int i = 0; i < count; i++) {
            StepBatch part = step.parts.get(i);
            try (TensorArena arena = arenas.get()) {
                int number = i;
                Runnable work = () -> differentiate(step.denominators, part, number);
                if (place != null) {
                    long length = inputs.length(part);
                    inputs.reading(part, place.slice(at, length), work);
                    at += length;
                } else if (i == 0) {
                    inputs.learn(part, work);
                } else {
                    work.run();
                }
                bytes = Math.max(bytes, arena.usedBytes());
            }
            if (i > 0) {
                gradient.add();
            }
        }
        if (count < limits.microBatches()) {
            backend.elementwise().fill(0, terms(count, limits.microBatches()));
        }
        return bytes;
    }

    private void differentiate(
            SequencedMap<String, Double> denominators, StepBatch part, int number) {
        gradient.differentiate(
                part, gradient.slotOf(number), denominators, seen -> keep(seen, number));
    }

    private void keep(LossTerms seen, int part) {
        if (results == null) {
            seen.terms().forEach(term -> terms.add(new Term(term.name(), term.weight())));
            long width = (long) limits.microBatches() * terms.size() + 1;
            results = lasting.allocate(DType.F64, width);
            history = lasting.allocate(DType.F64, limits.readBack() * width);
        }
        Buffer mine = terms(part, part + 1);
        for (int i = 0; i < terms.size(); i++) {
            Buffer value = seen.terms().get(i).value().buffer();
            backend.elementwise().copy(value, mine.slice(i, 1));
        }
    }

    /// Results of the parts from one (inclusive) to another (exclusive).
    private Buffer terms(int from, int to) {
        return results.slice((long) from * terms.size(), (long) (to - from) * terms.size());
    }

    private void update() {
        optimizer.update(gradient.sum(), one, terms(0, limits.microBatches()));
        optimizer.copyNorm(results.slice(results.length() - 1, 1));
    }

    /// Waits for the steps given since the last call and says what came of them. After a step that
    /// could not be made the parameters are those before it.
    Read read() {
        List<StepReport> reports = new ArrayList<>();
        if (unread.isEmpty()) {
            return new Read(reports, Optional.empty(), 0);
        }
        int width = Math.toIntExact(results.length());
        double[] values = new double[unread.size() * width];
        backend.download(history.slice(0, values.length), MemorySegment.ofArray(values));
        double seconds = (System.nanoTime() - begin) * 1e-9 / unread.size();
        try {
            for (int i = 0; i < unread.size(); i++) {
                reports.add(report(unread.get(i), values, i * width, seconds));
            }
            return new Read(reports, Optional.empty(), 0);
        } catch (DivergedException e) {
            optimizer.norm(); // from now on updates are made again
            long unmade = unread.stream().skip(reports.size()).mapToLong(Made::tokens).sum();
            return new Read(reports, Optional.of(e), unmade);
        } finally {
            unread.clear();
        }
    }

    /// Does something else with the device between steps, which finds the steps' memory free.
    <T> T between(Supplier<T> work) {
        kept.lend();
        try {
            return work.get();
        } finally {
            kept.regain();
        }
    }

    private StepReport report(Made step, double[] values, int from, double seconds) {
        List<BatchGradient.Value> parts = new ArrayList<>();
        for (int i = 0; i < step.parts * terms.size(); i++) {
            Term term = terms.get(i % terms.size());
            parts.add(new BatchGradient.Value(term.name, term.weight, values[from + i]));
        }
        BatchGradient.Loss loss = BatchGradient.Loss.of(parts);
        DivergedException.requireFinite(step.number, loss.terms());
        double norm = values[from + limits.microBatches() * terms.size()];
        return new StepReport(
                step.number,
                loss.total(),
                loss.terms(),
                step.learningRate,
                DivergedException.requireFinite(step.number, norm),
                step.tokens,
                seconds);
    }

    @Override
    public void close() {
        kept.close();
        inputs.close();
        lasting.close();
        one.close();
    }
}
