package dev.lethe.model.train;

import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.Gradients;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.Objective;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// The one training loop: pretraining, unlearning, distillation, relearning.
///
/// A step cuts its batch into micro-batches by shape alone. Each is run forward and backward whole by
/// one worker in an arena of its own; their gradients are added in the order of their numbers. So the
/// result has the same bits for any number of threads.
public final class Trainer implements AutoCloseable {
    private static final long RANGE = 1 << 16; // elements of one gradient sum

    /// Why a training ended.
    public enum Ended {
        /// All steps of the plan were made.
        STEPS,
        /// The check said so.
        RULE
    }

    /// @param steps updates made
    /// @param tokens real tokens seen
    public record Result(long steps, long tokens, Ended ended) {}

    private final Gemma2 model;
    private final Objective objective;
    private final TrainingPlan plan;
    private final Workers workers;
    private final List<String> trained;
    private final AdamW optimizer;
    private final List<Parameters> gradients = new ArrayList<>();
    private long steps;
    private long tokens;

    public Trainer(Gemma2 model, Objective objective, TrainingPlan plan, Workers workers) {
        this.model = model;
        this.objective = objective;
        this.plan = plan;
        this.workers = workers;
        Parameters parameters = model.parameters();
        this.trained = parameters.names().stream().filter(plan.trained()).toList();
        if (trained.isEmpty()) {
            throw new IllegalArgumentException(
                    "training: no parameter is to be trained; expected at least one of "
                            + parameters.names());
        }
        this.optimizer = new AdamW(parameters, trained, plan.optimizer());
        for (int i = 0; i < plan.microBatches(); i++) {
            gradients.add(parameters.zerosLike());
        }
    }

    /// Trains until the plan's last step or until the check ends it.
    public Result run(BatchSource source, Check check, List<TrainingObserver> observers) {
        if (checked(check, observers)) {
            return new Result(steps, tokens, Ended.RULE);
        }
        while (steps < plan.steps()) {
            StepReport report = step(source.batch(steps));
            observers.forEach(observer -> observer.onStep(report));
            if (checked(check, observers)) {
                return new Result(steps, tokens, Ended.RULE);
            }
        }
        return new Result(steps, tokens, Ended.STEPS);
    }

    private boolean checked(Check check, List<TrainingObserver> observers) {
        if (!check.when().test(steps)) {
            return false;
        }
        Check.Outcome outcome = check.look().apply(steps);
        observers.forEach(observer -> observer.onCheck(steps, outcome));
        return outcome.stop();
    }

    /// One update. A loss or gradient that is not finite leaves the parameters as they were.
    public StepReport step(StepBatch batch) {
        long begin = System.nanoTime();
        long number = steps + 1;
        SequencedMap<String, Double> denominators = objective.denominators(batch);
        int parts = Math.min(plan.microBatches(), batch.rows());
        List<SequencedMap<String, Value>> values = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            values.add(null);
        }
        workers.forEach(
                parts, i -> values.set(i, microBatch(batch.part(i, parts), i, denominators)));
        SequencedMap<String, Double> terms = new LinkedHashMap<>();
        double loss = 0;
        for (SequencedMap<String, Value> part : values) {
            for (var entry : part.entrySet()) {
                Value value = entry.getValue();
                terms.merge(entry.getKey(), value.value(), Double::sum);
                loss += value.weight() * value.value();
            }
        }
        requireFinite(number, terms);
        addUp(parts);
        double learningRate = plan.schedule().learningRate(steps);
        double norm = optimizer.norm(gradients.getFirst(), workers);
        if (!Double.isFinite(norm)) {
            throw new DivergedException(number, "the gradient norm", norm);
        }
        optimizer.step(learningRate, norm, gradients.getFirst(), workers);
        steps = number;
        tokens += batch.tokens();
        double seconds = (System.nanoTime() - begin) * 1e-9;
        return new StepReport(number, loss, terms, learningRate, norm, batch.tokens(), seconds);
    }

    private record Value(double weight, double value) {}

    private SequencedMap<String, Value> microBatch(
            StepBatch part, int slot, SequencedMap<String, Double> denominators) {
        Backend backend = model.parameters().backend();
        try (TensorArena _ = backend.openStep()) {
            LossTerms terms = objective.terms(model, part, denominators);
            List<Tensor> targets = model.parameters().get(trained);
            Gradients found = Autograd.gradients(terms.total(), targets);
            for (int i = 0; i < targets.size(); i++) {
                Buffer into = gradients.get(slot).get(trained.get(i)).buffer();
                backend.elementwise().copy(found.of(targets.get(i)).buffer(), into);
            }
            SequencedMap<String, Value> values = new LinkedHashMap<>();
            for (LossTerms.Term term : terms.terms()) {
                values.put(term.name(), new Value(term.weight(), term.value().item()));
            }
            return values;
        }
    }

    private static void requireFinite(long step, SequencedMap<String, Double> terms) {
        for (var term : terms.entrySet()) {
            if (!Double.isFinite(term.getValue())) {
                throw new DivergedException(step, term.getKey(), term.getValue());
            }
        }
    }

    /// Gradients of all parts into those of part 0, range by range, part by part.
    private void addUp(int parts) {
        Buffer sum = gradients.getFirst().flat();
        int ranges = Math.toIntExact((sum.length() + RANGE - 1) / RANGE);
        Backend backend = model.parameters().backend();
        workers.forEach(
                ranges,
                range -> {
                    long from = range * RANGE;
                    long count = Math.min(RANGE, sum.length() - from);
                    for (int i = 1; i < parts; i++) {
                        Buffer part = gradients.get(i).flat().slice(from, count);
                        backend.elementwise().addTo(part, sum.slice(from, count));
                    }
                });
    }

    /// Updates made so far.
    public long steps() {
        return steps;
    }

    @Override
    public void close() {
        optimizer.close();
        gradients.forEach(Parameters::close);
    }
}
