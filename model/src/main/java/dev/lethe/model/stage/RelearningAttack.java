package dev.lethe.model.stage;

import dev.lethe.engine.optim.Schedule;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.train.BatchSource;
import dev.lethe.model.train.Check;
import dev.lethe.model.train.DivergedException;
import dev.lethe.model.train.TrainingObserver;
import dev.lethe.model.train.TrainingPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;

/// Relearning: fine-tunes a copy of a model on forget data with a fresh optimizer at a constant
/// learning rate, and looks at given steps how much has come back (PAPER 2.5).
///
/// An attack that diverges has failed as an attack; it says nothing about the model, is recorded
/// and survived.
///
/// @param learningRate constant, no warm-up
/// @param microBatches parts of a batch
/// @param steps at which to look, rising from 0; the last one ends the attack
/// @param data forget rows of each step
public record RelearningAttack(
        double learningRate, int microBatches, List<Long> steps, BatchSource data) {
    public RelearningAttack {
        steps = List.copyOf(steps);
        boolean rising = !steps.isEmpty() && steps.getFirst() == 0;
        for (int i = 1; i < steps.size(); i++) {
            rising &= steps.get(i) > steps.get(i - 1);
        }
        if (!rising) {
            throw new IllegalArgumentException(
                    "attack: expected steps rising from 0, got " + steps);
        }
    }

    /// Attacks a copy of the model.
    ///
    /// @param ability of a model to do what was forgotten, from 0 to 1
    public AttackRun against(
            Gemma2 model,
            ToDoubleFunction<Gemma2> ability,
            Machine machine,
            List<TrainingObserver> observers) {
        TrainingPlan plan =
                TrainingPlan.of(
                        steps.getLast(), microBatches, new Schedule.Constant(learningRate, 0));
        Stage stage = new Stage(new Start.Copy(model), new NextToken(), plan, data);
        List<AttackRun.Point> points = new ArrayList<>();
        Stage.Watch watch =
                watched ->
                        new Check(
                                steps::contains,
                                step -> {
                                    double value = ability.applyAsDouble(watched.model());
                                    Compute compute = watched.tally().compute();
                                    points.add(new AttackRun.Point(step, value, compute));
                                    SequencedMap<String, Double> metrics = new LinkedHashMap<>();
                                    metrics.put("forget_ability", value);
                                    return new Check.Outcome(metrics, false);
                                });
        OptionalLong diverged = OptionalLong.empty();
        try (TrainedModel _ = stage.run(machine, watch, observers)) {
            // The points are all that is wanted of the attacked copy.
        } catch (DivergedException e) {
            diverged = OptionalLong.of(e.step());
        }
        return new AttackRun(learningRate, points, diverged);
    }

    /// Steps in all.
    public long length() {
        return steps.getLast();
    }
}
