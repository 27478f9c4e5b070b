package dev.lethe.bench.model;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.Rmu;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;

/// What a model is trained for, on how much data a step.
enum Task {
    PRETRAIN,
    GRADDIFF,
    MAXENT,
    RMU,
    DISTILL;

    private static final Gemma2Config TINY =
            Configuration.S.config().toBuilder()
                    .vocabSize(37)
                    .hiddenSize(24)
                    .intermediateSize(40)
                    .layers(2)
                    .heads(4)
                    .kvHeads(2)
                    .headDim(6)
                    .build();
    private static final int TINY_ROWS = 6;
    private static final int TINY_TOKENS = 7;
    private static final double RATE = 1e-3;

    /// @param fixed teacher or frozen model
    Objective objective(Gemma2 fixed) {
        Gemma2Config config = fixed.config();
        return switch (this) {
            case PRETRAIN -> new NextToken();
            case GRADDIFF -> new GradDiff(1);
            case MAXENT -> new MaxEnt(1, Positions.TARGETS);
            case DISTILL -> new Distill(fixed, Positions.TARGETS);
            case RMU -> {
                double[] u = Rmu.direction(1, config.hiddenSize());
                yield new Rmu(new Rmu.Target(layer(config), 4, u), 1, fixed);
            }
        };
    }

    /// The frozen model is the one that training begins with; a teacher is another.
    Gemma2 fixed(Gemma2Config config, Backend backend, DType dtype) {
        return Configuration.model(config, backend, dtype, this == DISTILL ? 2 : 1);
    }

    private static int layer(Gemma2Config config) {
        return config.layers() / 2;
    }

    /// As many tokens whatever the task; what forgets and what retains take half each.
    StepBatch batch(Gemma2Config config, int rows, int tokens) {
        return switch (this) {
            case PRETRAIN, DISTILL -> StepBatch.main(Configuration.batch(config, rows, tokens));
            case GRADDIFF, MAXENT, RMU -> {
                Batch whole = Configuration.batch(config, rows, tokens);
                int half = rows / 2;
                yield StepBatch.forgetAndRetain(whole.rows(0, half), whole.rows(half, rows));
            }
        };
    }

    /// Of one step, the optimizer not counted.
    double flops(Gemma2Config config, int rows, int tokens) {
        double whole = CausalFlops.training(config, tokens);
        return switch (this) {
            case PRETRAIN, GRADDIFF, MAXENT -> rows * whole;
            case DISTILL -> rows * (whole + CausalFlops.forward(config, tokens));
            case RMU ->
                    // the frozen model sees what is retained, half of the rows
                    3.5 * rows * CausalFlops.layers(config, tokens, layer(config) + 1);
        };
    }

    /// Trains a tiny model a few steps on `backend` in F32 and on the reference in F64.
    ///
    /// @throws IllegalStateException where the losses differ
    void check(Backend backend, Workers workers) {
        double[] got = losses(backend, DType.F32, workers);
        double[] expected;
        try (Backend reference = new ReferenceBackend()) {
            expected = losses(reference, DType.F64, workers);
        }
        for (int i = 0; i < got.length; i++) {
            if (!(Math.abs(got[i] - expected[i]) <= 1e-4 * Math.abs(expected[i]))) {
                throw new IllegalStateException(
                        "%s: step %d: expected a loss of %s, got %s; nothing was timed"
                                .formatted(this, i + 1, expected[i], got[i]));
            }
        }
    }

    private double[] losses(Backend backend, DType dtype, Workers workers) {
        StepBatch batch = batch(TINY, TINY_ROWS, TINY_TOKENS);
        TrainingPlan plan =
                TrainingPlan.of(Long.MAX_VALUE, 2, new Schedule.Constant(RATE, 0));
        try (Gemma2 model = Configuration.model(TINY, backend, dtype);
                Gemma2 fixed = fixed(TINY, backend, dtype);
                Trainer trainer = new Trainer(model, objective(fixed), plan, workers)) {
            double[] losses = new double[3];
            for (int i = 0; i < losses.length; i++) {
                losses[i] = trainer.step(batch).loss();
            }
            return losses;
        }
    }
}
