package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
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
import dev.lethe.model.objective.CustomObjective;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.Rmu;
import dev.lethe.model.train.BatchSource;
import dev.lethe.model.train.Check;
import dev.lethe.model.train.DivergedException;
import dev.lethe.model.train.Pace;
import dev.lethe.model.train.StepReport;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainerState;
import dev.lethe.model.train.TrainingPlan;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Steps that the device repeats have the bits of those that the host says call by call, and leave
/// the host nothing to do but to write what changes.
class RepeatedStepsOnCudaTest {
    private static final long STEPS = 7;
    private static final int MICRO_BATCHES = 2;
    private static final int VOCABULARY = 19;
    private static final double CLIP = 0.01;
    private static final Pace REPEATED = new Pace(true, 4);
    private static final Gemma2Config CONFIG =
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

    private Backend backend;
    private final Workers workers = new Workers(1);

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

    private enum Kind {
        PRETRAIN,
        GRADDIFF,
        MAXENT,
        RMU,
        DISTILL;

        Objective objective(Gemma2 teacher) {
            double[] direction = new double[CONFIG.hiddenSize()];
            direction[3] = 1;
            return switch (this) {
                case PRETRAIN -> new NextToken();
                case GRADDIFF -> new GradDiff(0.7);
                case MAXENT -> new MaxEnt(1.5, Positions.TARGETS);
                case RMU -> new Rmu(new Rmu.Target(1, 6, direction), 2, teacher);
                case DISTILL -> new Distill(teacher, Positions.ALL);
            };
        }
    }

    private static TrainingPlan plan(long steps, Schedule schedule) {
        AdamW.Settings settings = new AdamW.Settings(0.9, 0.99, 1e-8, 0.1, CLIP);
        return new TrainingPlan(steps, MICRO_BATCHES, schedule, settings, _ -> true);
    }

    /// A rate that is another one in each step.
    private static TrainingPlan plan() {
        return plan(STEPS, new Schedule.Cosine(3e-3, 1e-4, 2, STEPS));
    }

    private static StepBatch batch(long step) {
        int seed = Math.toIntExact(3 * step);
        return StepBatch.of(
                Map.of(
                        Role.MAIN, rows(seed, 3, 5, 4, 2),
                        Role.FORGET, rows(seed + 1, 3, 4),
                        Role.RETAIN, rows(seed + 2, 5, 2, 3)));
    }

    /// Rows of 5 tokens.
    private static Batch rows(int seed, int... lengths) {
        int[] ids = new SplittableRandom(seed).ints(lengths.length * 5L, 3, VOCABULARY).toArray();
        return Batch.shifted(lengths.length, 5, ids, lengths);
    }

    private Gemma2 model(long seed, Precision precision) {
        Gemma2 model = Gemma2.allocate(CONFIG, backend, precision);
        Initialization.randomize(model, seed);
        return model;
    }

    /// What a training left.
    private record Trace(List<StepReport> reports, double[] masters, double[] weights) {
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

    private Trace train(
            Kind kind, Precision precision, TrainingPlan plan, BatchSource source, Pace pace) {
        try (Gemma2 teacher = model(7, precision);
                Gemma2 model = model(42, precision);
                Trainer trainer =
                        new Trainer(model, kind.objective(teacher), plan, workers, pace)) {
            List<StepReport> reports = new ArrayList<>();
            trainer.run(source, Check.NONE, List.of(reports::add));
            assertEquals(plan.steps(), trainer.steps());
            return Trace.of(model, reports);
        }
    }

    @ParameterizedTest
    @EnumSource
    void repeatedStepsHaveTheBitsOfDirectOnes(Kind kind) {
        List<Precision> precisions =
                kind == Kind.MAXENT
                        ? List.of(Precision.F32, Precision.BF16)
                        : List.of(Precision.F32);
        for (Precision precision : precisions) {
            BatchSource source = RepeatedStepsOnCudaTest::batch;
            long before = CudaDevice.counter("replays");
            Trace direct = train(kind, precision, plan(), source, Pace.DIRECT);
            assertEquals(before, CudaDevice.counter("replays"));
            Trace repeated = train(kind, precision, plan(), source, REPEATED);
            assertEquals(STEPS - 1, CudaDevice.counter("replays") - before);
            direct.requireSame(repeated, kind + " in " + precision.word());
            for (StepReport report : direct.reports) {
                assertTrue(report.gradientNorm() > CLIP, "clipping bites");
            }
            assertNotEquals(
                    direct.reports.get(2).learningRate(), direct.reports.get(3).learningRate());
        }
    }

    /// Another trainer goes on from the state of the one before.
    @Test
    void aTrainingThatWentOnHasTheSameBits() {
        BatchSource source = RepeatedStepsOnCudaTest::batch;
        Trace whole = train(Kind.MAXENT, Precision.F32, plan(), source, Pace.DIRECT);
        try (Gemma2 model = model(42, Precision.F32)) {
            Objective objective = Kind.MAXENT.objective(null);
            List<StepReport> reports = new ArrayList<>();
            TrainerState state;
            try (Trainer first = new Trainer(model, objective, plan(), workers, REPEATED)) {
                for (long step = 0; step < 3; step++) {
                    reports.add(first.step(batch(step)));
                }
                state = first.state();
            }
            try (TrainerState _ = state;
                    Trainer second = new Trainer(model, objective, plan(), workers, REPEATED)) {
                second.restore(state);
                second.run(source, Check.NONE, List.of(reports::add));
            }
            whole.requireSame(Trace.of(model, reports), "went on");
        }
    }

    /// Kinds of steps come in turns, with more kinds than are kept; one comes once alone.
    @Test
    void stepsOfManyKindsHaveTheSameBits() {
        int[][] kinds = {
            {5, 4, 2}, {1, 5}, {5, 4, 2}, {1, 5}, {5, 4, 2}, {3}, {2, 2, 2, 2}, {3}, {4}, {5},
            {4}, {5}, {2, 2, 2, 2}, {5, 4, 2}, {1, 5}, {5, 5, 5}
        };
        BatchSource source =
                step -> StepBatch.main(rows(100 + (int) step, kinds[(int) step]));
        TrainingPlan plan = plan(kinds.length, new Schedule.Constant(1e-3, 3));
        Trace direct = train(Kind.PRETRAIN, Precision.F32, plan, source, Pace.DIRECT);
        long before = CudaDevice.counter("replays");
        Trace repeated = train(Kind.PRETRAIN, Precision.F32, plan, source, REPEATED);
        direct.requireSame(repeated, "kinds");
        assertEquals(kinds.length - 7, CudaDevice.counter("replays") - before);
    }

    private record Counts(
            long waits, long submissions, long uploads, long downloads, long blocks) {
        static Counts now() {
            return new Counts(
                    CudaDevice.counter("synchronizations"),
                    CudaDevice.counter("submissions"),
                    CudaDevice.counter("uploads"),
                    CudaDevice.counter("downloads"),
                    CudaDevice.counter("allocated"));
        }
    }

    /// From step to step: the batch and the rates go to the device, and nothing comes back.
    @ParameterizedTest
    @EnumSource
    void theHostIsNotInTheWay(Kind kind) {
        List<Counts> counts = new ArrayList<>();
        BatchSource source =
                step -> {
                    counts.add(Counts.now());
                    return batch(step);
                };
        Pace pace = new Pace(true, 5);
        train(kind, Precision.F32, plan(), source, pace);
        // the first runs directly, the second is captured, the fifth is read back
        for (int step = 2; step < STEPS - 1; step++) {
            Counts begin = counts.get(step);
            Counts end = counts.get(step + 1);
            boolean read = step == 4;
            String what = kind + " step " + (step + 1);
            assertEquals(read ? 1 : 0, end.waits - begin.waits, what + " waits");
            assertEquals(read ? 1 : 0, end.downloads - begin.downloads, what + " downloads");
            // two uploads and their events, the step, the copy of its results, and their download
            long given = end.submissions - begin.submissions;
            assertEquals(read ? 7 : 6, given, what + " submissions");
            assertEquals(2, end.uploads - begin.uploads, what + " uploads");
            assertEquals(0, end.blocks - begin.blocks, what + " allocates");
        }
        // no step waits, whether it runs directly or is captured
        assertEquals(counts.get(0).waits, counts.get(4).waits, kind + " waits");
    }

    /// A step that cannot be made is named when it is read, and those after it change nothing.
    @Test
    void divergesAtTheSameStepWithTheSameParameters() {
        TrainingPlan plan = plan(STEPS, new Schedule.Constant(1e38, 0));
        List<String> messages = new ArrayList<>();
        List<Trace> traces = new ArrayList<>();
        List<Long> tokens = new ArrayList<>();
        for (Pace pace : List.of(Pace.DIRECT, Pace.USUAL)) {
            try (Gemma2 model = model(42, Precision.F32);
                    Trainer trainer = new Trainer(model, new NextToken(), plan, workers, pace)) {
                List<StepReport> reports = new ArrayList<>();
                DivergedException diverged =
                        assertThrows(
                                DivergedException.class,
                                () ->
                                        trainer.run(
                                                RepeatedStepsOnCudaTest::batch,
                                                Check.NONE,
                                                List.of(reports::add)));
                assertEquals(diverged.step() - 1, trainer.steps());
                messages.add(diverged.getMessage());
                traces.add(Trace.of(model, reports));
                try (TrainerState state = trainer.state()) {
                    tokens.add(state.tokens());
                    // directly, the loss is looked at before the optimizer counts the step
                    assertEquals(trainer.steps(), state.optimizer().steps());
                }
            }
        }
        assertEquals(messages.getFirst(), messages.getLast());
        assertEquals(tokens.getFirst(), tokens.getLast());
        traces.getFirst().requireSame(traces.getLast(), "diverged");
        assertTrue(traces.getFirst().reports.size() < STEPS - 1, "before the last step");
    }

    @Test
    void idsAreCheckedBeforeAnythingIsCopied() {
        try (Gemma2 model = model(42, Precision.F32);
                Trainer trainer =
                        new Trainer(model, new NextToken(), plan(), workers, REPEATED)) {
            for (long step = 0; step < 3; step++) {
                trainer.step(batch(step));
                Counts before = Counts.now();
                int[] ids = {3, 4, VOCABULARY, 5, 6};
                StepBatch bad = StepBatch.main(Batch.shifted(1, 5, ids, new int[] {5}));
                String message =
                        assertThrows(IllegalArgumentException.class, () -> trainer.step(bad))
                                .getMessage();
                assertEquals(
                        "main: row 0, position 2: token id 19 is outside the vocabulary; expected 0 to 18",
                        message);
                assertEquals(before, Counts.now());
                assertEquals(step + 1, trainer.steps());
            }
        }
    }

    /// Says that it can be repeated, and does what cannot.
    private record Claims(Consumer<Gemma2> deed) implements CustomObjective {
        @Override
        public boolean repeatable() {
            return true;
        }

        @Override
        public SequencedMap<String, Double> denominators(StepBatch whole) {
            return new NextToken().denominators(whole);
        }

        @Override
        public LossTerms terms(
                Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
            deed.accept(model);
            return new NextToken().terms(model, part, denominators);
        }
    }

    private enum Deed {
        WAITS("download of 12 F32") {
            @Override
            void of(Gemma2 model) {
                model.parameters().get("model.norm.weight").toDoubles();
            }
        },
        COPIES("upload of 2 I32") {
            @Override
            void of(Gemma2 model) {
                Tensor.ofInts(Shape.of(2), 1, 2);
            }
        },
        ALLOCATES("allocate 512 bytes") {
            @Override
            void of(Gemma2 model) {
                try (var arena = model.parameters().backend().openLongLived()) {
                    arena.allocate(DType.F32, 5);
                }
            }
        };

        private final String named;

        Deed(String named) {
            this.named = named;
        }

        abstract void of(Gemma2 model);
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeRepeatedIsRefusedInOneLine(Deed deed) {
        try (Gemma2 model = model(42, Precision.F32);
                Trainer trainer =
                        new Trainer(model, new Claims(deed::of), plan(), workers, REPEATED);
                Trainer other = new Trainer(model, new NextToken(), plan(), workers, REPEATED)) {
            trainer.step(batch(0));
            String message =
                    assertThrows(RuntimeException.class, () -> trainer.step(batch(1)))
                            .getMessage();
            assertTrue(
                    message.startsWith("training step: cannot be kept as a CUDA graph: "), message);
            assertTrue(message.endsWith("; set LETHE_CUDA_GRAPHS=off to do without"), message);
            assertTrue(message.contains(deed.named), message);
            assertEquals(1, message.lines().count());
            for (long step = 0; step < 3; step++) { // the device is as before
                other.step(batch(step));
            }
        }
    }
}
