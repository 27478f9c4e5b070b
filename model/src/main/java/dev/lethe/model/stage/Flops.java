package dev.lethe.model.stage;

import static dev.lethe.model.data.StepBatch.Role.FORGET;
import static dev.lethe.model.data.StepBatch.Role.MAIN;
import static dev.lethe.model.data.StepBatch.Role.RETAIN;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.objective.CustomObjective;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.RepNoise;
import dev.lethe.model.objective.Rmu;
import dev.lethe.model.train.StepRule;

import java.util.Set;

/// Floating-point operations by counting: two for each weight of a matrix and position, all pairs
/// of positions in attention, three times the forward pass for forward and backward. Norms,
/// activations, softmax and the optimizer are left out, as is customary.
public final class Flops {
    /// Forward, and twice that backward.
    public static final int TRAINING = 3;

    private Flops() {}

    /// One forward pass over a batch, padding included.
    public static double forward(Gemma2Config config, Batch batch) {
        return positions(batch) * forward(config, batch.tokens());
    }

    /// One forward pass for one position of a row of `tokens`.
    public static double forward(Gemma2Config config, int tokens) {
        return layers(config, tokens, config.layers()) + head(config);
    }

    private static double head(Gemma2Config config) {
        return 2.0 * config.vocabSize() * config.hiddenSize();
    }

    private static double positions(Batch batch) {
        return (double) batch.rows() * batch.tokens();
    }

    /// The first `depth` layers for one position of a row of `tokens`.
    private static double layers(Gemma2Config config, int tokens, int depth) {
        double hidden = config.hiddenSize();
        double projections =
                2 * hidden * config.queryWidth() // queries, output
                        + 2 * hidden * config.keyValueWidth() // keys, values
                        + 3 * hidden * config.intermediateSize(); // gate, up, down
        double attention = 2.0 * tokens * config.queryWidth(); // scores, weighted values
        return depth * 2 * (projections + attention);
    }

    /// One update by the rule, which may take several gradients, teacher's forward passes included.
    public static Compute update(
            StepRule rule, Objective objective, Gemma2Config config, StepBatch batch) {
        Compute once = step(objective, config, batch);
        return new Compute(
                once.steps(),
                once.tokens(),
                rule.passes() * once.flops(),
                rule.passes() * once.teacherFlops());
    }

    /// One gradient of the objective on a batch.
    static Compute step(Objective objective, Gemma2Config config, StepBatch batch) {
        return switch (objective) {
            case NextToken _ -> compute(batch, forward(config, batch.get(MAIN)), 0);
            case Distill distill ->
                    compute(
                            batch,
                            forward(config, batch.get(MAIN)),
                            forward(distill.teacher().config(), batch.get(MAIN)));
            case GradDiff _, MaxEnt _ ->
                    compute(
                            batch,
                            forward(config, batch.get(FORGET)) + forward(config, batch.get(RETAIN)),
                            0);
            case Rmu rmu -> {
                int depth = rmu.target().layer() + 1;
                double forget = partial(config, batch.get(FORGET), depth);
                double retain = partial(config, batch.get(RETAIN), depth);
                yield compute(batch, forget + retain, retain);
            }
            case RepNoise noised -> {
                Compute base = step(noised.base(), config, batch);
                Batch forget = batch.get(FORGET);
                double earlyHeads = positions(forget) * config.layers() * head(config);
                double more = TRAINING * (forward(config, forget) + earlyHeads);
                yield new Compute(
                        1, base.tokens(), base.flops() + more, base.teacherFlops());
            }
            // One pass over all rows: what it does beyond the model is not known.
            case CustomObjective custom ->
                    compute(
                            batch,
                            forward(config, batch, batch.roles()),
                            forward(config, batch, custom.fixedRoles()));
        };
    }

    private static double forward(Gemma2Config config, StepBatch batch, Set<StepBatch.Role> roles) {
        return roles.stream().mapToDouble(role -> forward(config, batch.get(role))).sum();
    }

    private static double partial(Gemma2Config config, Batch batch, int depth) {
        return positions(batch) * layers(config, batch.tokens(), depth);
    }

    private static Compute compute(StepBatch batch, double forward, double teacher) {
        return new Compute(1, batch.tokens(), TRAINING * forward, teacher);
    }
}
