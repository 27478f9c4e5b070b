package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Initialization;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.Rmu;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Twenty training steps of a tiny model on the CUDA device end where the reference's do.
class TrainingOnCudaTest {
    private static final int STEPS = 20;
    private static final Gemma2Config CONFIG =
            Gemma2Config.builder()
                    .vocabSize(37)
                    .hiddenSize(24)
                    .intermediateSize(40)
                    .layers(2)
                    .heads(4)
                    .kvHeads(2)
                    .headDim(6)
                    .queryPreAttnScalar(6)
                    .slidingWindow(4)
                    .build();

    @BeforeAll
    static void requireDevice() {
        CudaDevice.require();
    }

    private enum Kind {
        PRETRAIN,
        MAXENT,
        RMU,
        DISTILL;

        Objective objective(Gemma2 teacher) {
            double[] direction = new double[CONFIG.hiddenSize()];
            direction[3] = 1;
            return switch (this) {
                case PRETRAIN -> new NextToken();
                case MAXENT -> new MaxEnt(1, Positions.TARGETS);
                case RMU -> new Rmu(new Rmu.Target(1, 6, direction), 1, teacher);
                case DISTILL -> new Distill(teacher, Positions.ALL);
            };
        }
    }

    private static double[] train(Kind kind, String device, Precision precision, int threads) {
        AdamW.Settings settings = new AdamW.Settings(0.9, 0.999, 1e-8, 0.1, 1);
        TrainingPlan plan =
                new TrainingPlan(STEPS, 2, new Schedule.Constant(1e-3, 0), settings, _ -> true);
        try (Backend backend = Backends.open(device);
                Workers workers = new Workers(threads);
                Gemma2 teacher = Gemma2.allocate(CONFIG, backend, precision);
                Gemma2 model = Gemma2.allocate(CONFIG, backend, precision)) {
            assertTrue(backend.name().startsWith(device), backend.name());
            Initialization.randomize(teacher, 7);
            Initialization.randomize(model, 42);
            try (Trainer trainer = new Trainer(model, kind.objective(teacher), plan, workers)) {
                for (int step = 0; step < STEPS; step++) {
                    trainer.step(
                            StepBatch.of(
                                    Map.of(
                                            StepBatch.Role.MAIN, rows(3 * step),
                                            StepBatch.Role.FORGET, rows(3 * step + 1),
                                            StepBatch.Role.RETAIN, rows(3 * step + 2))));
                }
            }
            return masters(model);
        }
    }

    private static double[] masters(Gemma2 model) {
        Parameters masters = model.masters();
        return masters.names().stream()
                .flatMapToDouble(name -> Arrays.stream(masters.get(name).toDoubles()))
                .toArray();
    }

    private static Batch rows(int seed) {
        int[] ids = new SplittableRandom(seed).ints(5 * 9, 3, 37).toArray();
        return Batch.shifted(5, 9, ids, new int[] {9, 4, 9, 7, 2});
    }

    private static double distance(double[] x, double[] y) {
        assertEquals(x.length, y.length);
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (x[i] - y[i]) * (x[i] - y[i]);
        }
        return Math.sqrt(sum);
    }

    /// Adam's first steps divide tiny gradients by their own size, so F32 strays: by the
    /// reference's own measure.
    @ParameterizedTest
    @EnumSource
    void endsWhereTheReferenceDoes(Kind kind) {
        double[] truth = train(kind, "reference", Precision.F64, 1);
        double size = distance(truth, new double[truth.length]);
        double wide = distance(train(kind, "cuda", Precision.F64, 1), truth);
        assertTrue(wide <= 1e-9 * size, kind + " in F64 is off by " + wide / size);
        double plain = distance(train(kind, "reference", Precision.F32, 1), truth);
        double narrow = distance(train(kind, "cuda", Precision.F32, 1), truth);
        assertTrue(
                narrow <= 2 * plain + 1e-6 * size,
                "%s in F32 is off by %s, plain loops by %s".formatted(kind, narrow, plain));
        double moved = distance(truth, started(Precision.F64));
        assertTrue(plain > 0 && moved > 1e-3 * size, "nothing was trained");
    }

    /// Fused kernels round to BF16 at other places than plain loops, and less often, so two right
    /// trajectories part; neither may be further from exact arithmetic than the other, but for
    /// chance.
    @ParameterizedTest
    @EnumSource
    void bf16IsAsCloseToTheTruthAsTheReferences(Kind kind) {
        double[] truth = train(kind, "reference", Precision.F64, 1);
        for (Precision precision : List.of(Precision.BF16, Precision.BF16_PURE)) {
            double[] tested = train(kind, "cuda", precision, 1);
            double plain = distance(train(kind, "reference", precision, 1), truth);
            double off = distance(tested, truth);
            assertTrue(
                    off <= 1.25 * plain,
                    "%s in %s is %s from the truth, plain loops %s"
                            .formatted(kind, precision.word(), off, plain));
            double moved = distance(tested, started(precision));
            assertTrue(moved > 4 * off, "%s moved by %s".formatted(kind, moved));
        }
    }

    private static double[] started(Precision precision) {
        try (Backend backend = Backends.open("reference");
                Gemma2 model = Gemma2.allocate(CONFIG, backend, precision)) {
            Initialization.randomize(model, 42);
            return masters(model);
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneSeedHasOneResult(Kind kind) {
        for (Precision precision : List.of(Precision.F32, Precision.BF16, Precision.BF16_PURE)) {
            double[] first = train(kind, "cuda", precision, 1);
            double[] again = train(kind, "cuda", precision, 3); // by three workers
            assertArrayEquals(first, again, precision.word());
        }
    }
}
