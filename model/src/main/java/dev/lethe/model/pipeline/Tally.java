package dev.lethe.model.pipeline;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.stage.Compute;
import dev.lethe.model.stage.Flops;
import dev.lethe.model.train.BatchSource;
import dev.lethe.model.train.StepRule;

/// Counts what each batch costs on its way to the trainer.
final class Tally implements BatchSource {
    private final BatchSource data;
    private final StepRule rule;
    private final Objective objective;
    private final Gemma2Config config;
    private Compute compute = Compute.NONE;

    Tally(BatchSource data, StepRule rule, Objective objective, Gemma2Config config) {
        this.data = data;
        this.rule = rule;
        this.objective = objective;
        this.config = config;
    }

    /// Counts the steps before this one, which an earlier run has made.
    void skipTo(long step) {
        for (long made = 0; made < step; made++) {
            batch(made);
        }
    }

    /// Counts so many steps alone, from the first.
    void restart(long steps) {
        compute = Compute.NONE;
        skipTo(steps);
    }

    @Override
    public StepBatch batch(long step) {
        StepBatch batch = data.batch(step);
        compute = compute.plus(Flops.update(rule, objective, config, batch));
        return batch;
    }

    Compute compute() {
        return compute;
    }
}
