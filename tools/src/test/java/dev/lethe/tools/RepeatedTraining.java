package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Initialization;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.RepNoise;
import dev.lethe.model.objective.Rmu;
import dev.lethe.model.train.BatchSource;
import dev.lethe.model.train.Check;
import dev.lethe.model.train.Pace;
import dev.lethe.model.train.StepReport;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Small trainings on the CUDA device, and all that they leave.
abstract class RepeatedTraining {
    static final long STEPS = 7;
    static final int MICRO_BATCHES = 2;
    static final int VOCABULARY = 19;
    static final double CLIP = 0.01;
    static final Pace REPEATED = new Pace(true, 4);
    static final Gemma2Config CONFIG =
            Gemma2Config.builder()
                    .vocabSize(VOCABULARY)
                    .hiddenSize(12)
                    .intermediateSize(10)
                    .layers(2)
                    .heads(2)
                    .kvHeads(1)
                    .headDim(6)
                    .queryPreAttnScalar(6)
                    .slidingWindow(3)
                    .build();

    Backend backend;
    final Workers workers = new Workers(1);

    @BeforeAll
    static void requireDevice() {
        CudaDevice.require();
    }

    @BeforeEach
    void open() {
        backend = Backends.open("cuda");
    }

    @AfterEach
    void close() {
        workers.close();
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    enum Kind {
        PRETRAIN,
        GRADDIFF,
        MAXENT,
        RMU,
        DISTILL,
        REPNOISE;

        /// What the objective compares rows of cannot be cut.
        int microBatches() {
            return this == REPNOISE ? 1 : MICRO_BATCHES;
        }

        Objective objective(Gemma2 teacher) {
            double[] direction = new double[CONFIG.hiddenSize()];
            direction[3] = 1;
            return switch (this) {
                case PRETRAIN -> new NextToken();
                case GRADDIFF -> new GradDiff(0.7);
                case MAXENT -> new MaxEnt(1.5, Positions.TARGETS);
                case RMU -> new Rmu(new Rmu.Target(1, 6, direction), 2, teacher);
                case DISTILL -> new Distill(teacher, Positions.ALL);
                case REPNOISE -> new RepNoise(new MaxEnt(1.5, Positions.ALL), 0.3, 0.5, 11);
            };
        }
    }

    static TrainingPlan plan(long steps, Schedule schedule) {
        AdamW.Settings settings = new AdamW.Settings(0.9, 0.99, 1e-8, 0.1, CLIP);
        return new TrainingPlan(steps, MICRO_BATCHES, schedule, settings, _ -> true);
    }

    private static TrainingPlan fitting(Kind kind, TrainingPlan plan) {
        return new TrainingPlan(
                plan.steps(),
                kind.microBatches(),
                plan.schedule(),
                plan.optimizer(),
                plan.trained(),
                plan.rule());
    }

    /// A rate that is another one in each step.
    static TrainingPlan plan() {
        return plan(STEPS, new Schedule.Cosine(3e-3, 1e-4, 2, STEPS));
    }

    static StepBatch batch(long step) {
        int seed = Math.toIntExact(3 * step);
        return StepBatch.of(
                Map.of(
                        Role.MAIN, rows(seed, 3, 5, 4, 2),
                        Role.FORGET, rows(seed + 1, 3, 4),
                        Role.RETAIN, rows(seed + 2, 5, 2, 3)));
    }

    /// Rows of 5 tokens.
    static Batch rows(int seed, int... lengths) {
        int[] ids = new SplittableRandom(seed).ints(lengths.length * 5L, 3, VOCABULARY).toArray();
        return Batch.shifted(lengths.length, 5, ids, lengths);
    }

    Gemma2 model(long seed, Precision precision) {
        Gemma2 model = Gemma2.allocate(CONFIG, backend, precision);
        Initialization.randomize(model, seed);
        return model;
    }

    /// What a training left.
    record Trace(List<StepReport> reports, double[] masters, double[] weights) {
        static Trace of(Gemma2 model, List<StepReport> reports) {
            return new Trace(reports, numbers(model, true), numbers(model, false));
        }

        private static double[] numbers(Gemma2 model, boolean masters) {
            var parameters = masters ? model.masters() : model.parameters();
            return parameters.names().stream()
                    .flatMapToDouble(name -> Arrays.stream(parameters.get(name).toDoubles()))
                    .toArray();
        }

        void requireSame(Trace other, String what) {
            assertEquals(reports.size(), other.reports.size(), what);
            for (int i = 0; i < reports.size(); i++) {
                StepReport a = reports.get(i);
                StepReport b = other.reports.get(i);
                assertEquals(a.step(), b.step(), what);
                assertEquals(a.loss(), b.loss(), what + " step " + a.step());
                assertEquals(a.terms(), b.terms(), what + " step " + a.step());
                assertEquals(a.learningRate(), b.learningRate(), what);
                assertEquals(a.gradientNorm(), b.gradientNorm(), what + " step " + a.step());
                assertEquals(a.tokens(), b.tokens(), what);
            }
            assertArrayEquals(masters, other.masters, what);
            assertArrayEquals(weights, other.weights, what);
        }
    }

    Trace train(
            Kind kind, Precision precision, TrainingPlan plan, BatchSource source, Pace pace) {
        try (Gemma2 teacher = model(7, precision);
                Gemma2 model = model(42, precision);
                Trainer trainer =
                        new Trainer(
                                model,
                                kind.objective(teacher),
                                fitting(kind, plan),
                                workers,
                                pace)) {
            List<StepReport> reports = new ArrayList<>();
            trainer.run(source, Check.NONE, List.of(reports::add));
            assertEquals(plan.steps(), trainer.steps());
            return Trace.of(model, reports);
        }
    }
}
