package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.train.BatchSource;
import dev.lethe.model.train.Check;
import dev.lethe.model.train.Pace;
import dev.lethe.model.train.StepReport;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainerState;
import dev.lethe.model.train.TrainingObserver;
import dev.lethe.model.train.TrainingPlan;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/// Steps that the device repeats have the bits of those that the host says call by call.
class RepeatedStepsOnCudaTest extends RepeatedTraining {
    @ParameterizedTest
    @EnumSource
    void repeatedStepsHaveTheBitsOfDirectOnes(Kind kind) {
        List<Precision> precisions =
                kind == Kind.MAXENT
                        ? List.of(Precision.F32, Precision.BF16)
                        : List.of(Precision.F32);
        for (Precision precision : precisions) {
            BatchSource source = RepeatedTraining::batch;
            long before = CudaDevice.counter("replays");
            Trace direct = train(kind, precision, plan(), source, Pace.DIRECT);
            assertEquals(before, CudaDevice.counter("replays"));
            Trace repeated = train(kind, precision, plan(), source, REPEATED);
            assertEquals(STEPS - 1, CudaDevice.counter("replays") - before);
            direct.requireSame(repeated, kind + " in " + precision.word());
            double[] rounded = direct.masters();
            if (precision == Precision.BF16) {
                rounded = Arrays.stream(rounded).map(BFloat16::round).toArray();
            }
            assertArrayEquals(rounded, direct.weights(), "weights are the masters rounded");
            for (StepReport report : direct.reports()) {
                assertTrue(report.gradientNorm() > CLIP, "clipping bites");
            }
            assertNotEquals(
                    direct.reports().get(2).learningRate(), direct.reports().get(3).learningRate());
        }
    }

    /// Batches of one shape whose targets and positions are not as many: denominators are read
    /// where they lie, as is the number of the step that noise is drawn for.
    @ParameterizedTest
    @EnumSource
    void countsMayChangeFromStepToStep(Kind kind) {
        List<Integer> lengths = List.of(5, 2, 4, 3, 5, 3, 2);
        BatchSource source =
                step -> {
                    int length = lengths.get(Math.toIntExact(step));
                    int seed = Math.toIntExact(3 * step);
                    return StepBatch.of(
                            Map.of(
                                    Role.MAIN, rows(seed, length, 5, 4, 2),
                                    Role.FORGET, rows(seed + 1, 3, length),
                                    Role.RETAIN, rows(seed + 2, length, 2, length)));
                };
        try (Gemma2 teacher = model(7, Precision.F32)) {
            Objective objective = kind.objective(teacher);
            assertNotEquals(
                    objective.denominators(source.batch(0)),
                    objective.denominators(source.batch(1)));
        }
        Trace direct = train(kind, Precision.F32, plan(), source, Pace.DIRECT);
        long before = CudaDevice.counter("replays");
        Trace repeated = train(kind, Precision.F32, plan(), source, REPEATED);
        direct.requireSame(repeated, kind + " with other counts");
        assertEquals(STEPS - 1, CudaDevice.counter("replays") - before);
    }

    /// Another trainer goes on from the state of the one before.
    @Test
    void aTrainingThatWentOnHasTheSameBits() {
        BatchSource source = RepeatedTraining::batch;
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
            {5, 4, 2}, {1, 5}, {5, 4, 2}, {1, 5}, {3, 4, 2}, {3}, {2, 2, 2, 2}, {3},
            {4, 4, 4, 4, 4}, {5, 5, 5, 5, 5, 5}, {4, 2, 4, 4, 4}, {5, 3, 5, 5, 2, 5},
            {2, 2, 4, 2}, {5, 4, 2}, {1, 5}, {5, 5, 5}
        };
        BatchSource source =
                step -> StepBatch.main(rows(100 + (int) step, kinds[(int) step]));
        TrainingPlan plan = plan(kinds.length, new Schedule.Constant(1e-3, 3));
        Trace direct = train(Kind.PRETRAIN, Precision.F32, plan, source, Pace.DIRECT);
        long before = CudaDevice.counter("replays");
        Trace repeated = train(Kind.PRETRAIN, Precision.F32, plan, source, REPEATED);
        direct.requireSame(repeated, "kinds");
        assertEquals(kinds.length - 6, CudaDevice.counter("replays") - before);
    }

    /// The device works later than it is told to, and its threads in the other order.
    @Test
    void hostMemoryIsNotUsedAgainTooEarly() {
        BatchSource source = RepeatedTraining::batch;
        Trace direct = train(Kind.MAXENT, Precision.F32, plan(), source, Pace.DIRECT);
        long lazy = CudaDevice.set("lazy", 1);
        try {
            Trace repeated = train(Kind.MAXENT, Precision.F32, plan(), source, Pace.USUAL);
            direct.requireSame(repeated, "lazy");
        } finally {
            CudaDevice.set("lazy", lazy);
        }
    }

    /// Threads share the device, and the memory between their steps.
    @Test
    @Timeout(120)
    void trainingsSideBySideDoNotMeet() {
        BatchSource source = RepeatedTraining::batch;
        List<Kind> kinds = List.of(Kind.MAXENT, Kind.DISTILL);
        List<Trace> alone =
                kinds.stream()
                        .map(kind -> train(kind, Precision.F32, plan(), source, REPEATED))
                        .toList();
        List<CompletableFuture<Trace>> both =
                kinds.stream()
                        .map(
                                kind ->
                                        CompletableFuture.supplyAsync(
                                                () ->
                                                        train(
                                                                kind,
                                                                Precision.F32,
                                                                plan(),
                                                                source,
                                                                REPEATED),
                                                work -> Thread.ofPlatform().start(work)))
                        .toList();
        for (int i = 0; i < kinds.size(); i++) {
            alone.get(i).requireSame(both.get(i).join(), kinds.get(i) + " beside another");
        }
    }

    /// What happens between steps finds their memory free, and leaves them as they were.
    @Test
    void checksBetweenStepsUseTheirMemory() {
        List<List<Double>> sizes = new ArrayList<>();
        for (Pace pace : List.of(Pace.DIRECT, new Pace(true, 100))) {
            List<Long> reserved = new ArrayList<>();
            List<Long> heard = new ArrayList<>();
            try (Gemma2 model = model(42, Precision.F32);
                    Trainer trainer = new Trainer(model, new NextToken(), plan(), workers, pace)) {
                Check check =
                        Check.every(
                                2,
                                step -> {
                                    assertEquals(step, heard.size(), "all were read");
                                    double size = evaluate(model);
                                    reserved.add(backend.memory().reservedBytes());
                                    return new Check.Outcome(
                                            new TreeMap<>(Map.of("size", size)), step == 6);
                                });
                long before = CudaDevice.counter("replays");
                List<Double> seen = new ArrayList<>();
                TrainingObserver observer =
                        new TrainingObserver() {
                            @Override
                            public void onStep(StepReport report) {
                                heard.add(report.step());
                            }

                            @Override
                            public void onCheck(long step, Check.Outcome outcome) {
                                seen.add(outcome.metrics().get("size"));
                            }
                        };
                Trainer.Result result =
                        trainer.run(
                                RepeatedTraining::batch, check, List.of(observer));
                assertEquals(new Trainer.Result(6, result.tokens(), Trainer.Ended.RULE), result);
                assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L), heard);
                assertEquals(reserved.get(1), reserved.getLast(), "memory of the steps is lent");
                long replays = CudaDevice.counter("replays") - before;
                assertEquals(pace.repeated() ? 5 : 0, replays);
                sizes.add(seen);
            }
        }
        assertEquals(sizes.getFirst(), sizes.getLast());
    }

    private double evaluate(Gemma2 model) {
        try (var _ = backend.openStep()) {
            Tensor ids = Tensor.ofInts(Shape.of(2, 5), 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
            double[] hidden = model.forward(ids).lastHidden().toDoubles();
            return Arrays.stream(hidden).map(x -> x * x).sum();
        }
    }
}
