package dev.lethe.model.train;

import static dev.lethe.model.train.DivergedException.requireFinite;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.StepGraphs;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.Objective;
import java.util.List;
import java.util.function.Supplier;

/// The one training loop: pretraining, unlearning, distillation, relearning.
///
/// The result has the same bits for any number of threads, and for any interruption between two
/// steps that [#state] and [#restore] bridge, at any [Pace].
public final class Trainer implements AutoCloseable {
    private static final double NORM_FLOOR = 1e-12; // keeps SAM finite at a zero gradient

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
    private final TrainingPlan plan;
    private final Workers workers;
    private final AdamW optimizer;
    private final BatchGradient gradient;
    private final Excursion excursion; // null unless the rule needs one
    private final RepeatedSteps repeated; // null where each step is the host's
    private long steps;
    private long tokens;

    /// At the usual [Pace].
    public Trainer(Gemma2 model, Objective objective, TrainingPlan plan, Workers workers) {
        this(model, objective, plan, workers, Pace.USUAL);
    }

    public Trainer(
            Gemma2 model, Objective objective, TrainingPlan plan, Workers workers, Pace pace) {
        this.model = model;
        this.plan = plan;
        this.workers = workers;
        Parameters parameters = model.masters();
        List<String> trained = parameters.names().stream().filter(plan.trained()).toList();
        if (trained.isEmpty()) {
            throw new IllegalArgumentException(
                    "training: no parameter is to be trained; expected at least one of "
                            + parameters.names());
        }
        if (plan.microBatches() > 1 && !objective.separable()) {
            throw new IllegalArgumentException(
                    "training: %s is no sum over rows and needs its batch whole; expected microBatches 1, got %d"
                            .formatted(
                                    objective.getClass().getSimpleName(), plan.microBatches()));
        }
        this.optimizer = new AdamW(parameters, trained, plan.optimizer(), model.parameters());
        this.gradient =
                new BatchGradient(model, objective, trained, plan.microBatches(), workers);
        this.excursion =
                switch (plan.rule()) {
                    case StepRule.Plain _ -> null;
                    case StepRule.SharpnessAware _ -> new Excursion(model, workers);
                };
        boolean same =
                pace.repeated()
                        && objective.repeatable()
                        && plan.rule() instanceof StepRule.Plain;
        this.repeated =
                parameters
                        .backend()
                        .graphs()
                        .filter(_ -> same)
                        .map(graphs -> repeated(graphs, pace.readBack()))
                        .orElse(null);
    }

    /// How many gradients of all parameters a training holds at once.
    public static int gradients(Backend backend, int microBatches, int threads) {
        return BatchGradient.gradients(backend, microBatches, threads);
    }

    private RepeatedSteps repeated(StepGraphs graphs, int readBack) {
        return new RepeatedSteps(
                model,
                gradient,
                optimizer,
                graphs,
                new RepeatedSteps.Limits(plan.microBatches(), readBack));
    }

    /// Trains until the plan's last step or until the check ends it.
    ///
    /// Observers hear of steps when they are read, at the latest before a check. A state exported by
    /// an observer of the last step made is one from before that step's check: the run that goes on
    /// from it begins with this check.
    public Result run(BatchSource source, Check check, List<TrainingObserver> observers) {
        if (checked(check, observers)) {
            return new Result(steps, tokens, Ended.RULE);
        }
        while (steps < plan.steps()) {
            StepBatch batch = source.batch(steps);
            if (repeated == null) {
                StepReport report = step(batch);
                observers.forEach(observer -> observer.onStep(report));
            } else {
                submit(batch);
                if (repeated.isFull() || steps == plan.steps() || check.when().test(steps)) {
                    settle(observers);
                }
            }
            if (checked(check, observers)) {
                return new Result(steps, tokens, Ended.RULE);
            }
        }
        return new Result(steps, tokens, Ended.STEPS);
    }

    private void submit(StepBatch batch) {
        repeated.submit(steps + 1, batch.at(steps), plan.schedule().learningRate(steps));
        steps++;
        tokens += batch.tokens();
    }

    private StepReport settle(List<TrainingObserver> observers) {
        RepeatedSteps.Read read = repeated.read();
        tokens -= read.unmade();
        read.failure().ifPresent(failure -> steps = failure.step() - 1);
        for (StepReport report : read.reports()) {
            observers.forEach(observer -> observer.onStep(report));
        }
        read.failure()
                .ifPresent(
                        failure -> {
                            throw failure;
                        });
        return read.reports().getLast();
    }

    private boolean checked(Check check, List<TrainingObserver> observers) {
        if (!check.when().test(steps)) {
            return false;
        }
        Supplier<Check.Outcome> look = () -> check.look().apply(steps);
        Check.Outcome outcome = repeated == null ? look.get() : repeated.between(look);
        observers.forEach(observer -> observer.onCheck(steps, outcome));
        return outcome.stop();
    }

    /// One update, of which all is read. A loss or gradient that is not finite leaves the parameters as they were.
    ///
    /// The objective is told the number of this step, whatever number the batch bears.
    public StepReport step(StepBatch given) {
        if (repeated != null) {
            submit(given);
            return settle(List.of());
        }
        long begin = System.nanoTime();
        long number = steps + 1;
        StepBatch batch = given.at(steps);
        BatchGradient.Loss loss = evaluate(number, batch);
        switch (plan.rule()) {
            case StepRule.Plain _ -> {}
            case StepRule.SharpnessAware(double rho) -> {
                double norm = requireFinite(number, optimizer.norm(gradient.sum(), workers));
                excursion.depart(rho / (norm + NORM_FLOOR), gradient.sum());
                try {
                    evaluate(number, batch);
                } finally {
                    excursion.comeHome();
                }
            }
        }
        double learningRate = plan.schedule().learningRate(steps);
        optimizer.prepare(learningRate);
        optimizer.update(gradient.sum(), workers);
        double norm = requireFinite(number, optimizer.norm());
        steps = number;
        tokens += batch.tokens();
        double seconds = (System.nanoTime() - begin) * 1e-9;
        return new StepReport(
                number, loss.total(), loss.terms(), learningRate, norm, batch.tokens(), seconds);
    }

    private BatchGradient.Loss evaluate(long number, StepBatch batch) {
        BatchGradient.Loss loss = gradient.evaluate(batch);
        requireFinite(number, loss.terms());
        return loss;
    }

    /// Updates made so far.
    public long steps() {
        return steps;
    }

    /// A copy of all that the next steps depend on besides the parameters, to be closed by the
    /// caller.
    public TrainerState state() {
        return new TrainerState(steps, tokens, optimizer.state());
    }

    /// Goes on where another trainer of the same plan was; the parameters are the caller's to
    /// restore. The state is copied.
    public void restore(TrainerState state) {
        optimizer.restore(state.optimizer());
        steps = state.steps();
        tokens = state.tokens();
    }

    @Override
    public void close() {
        if (repeated != null) {
            repeated.close();
        }
        optimizer.close();
        gradient.close();
        if (excursion != null) {
            excursion.close();
        }
    }
}
