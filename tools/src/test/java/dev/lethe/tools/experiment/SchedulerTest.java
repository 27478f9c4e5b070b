package dev.lethe.tools.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.StageListener;
import dev.lethe.model.pipeline.StageResult;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.model.pipeline.Task;
import dev.lethe.model.stage.Machine;
import dev.lethe.model.train.DivergedException;
import dev.lethe.model.train.TrainingObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which stages run when, on two threads.
class SchedulerTest {
    private static final Experiment.Size SIZE = new Experiment.Size(1, 16, 32, 2, 1, 8, 64);

    @TempDir private Path directory;

    private static StageSpec.Pretrain pretrain(long seed, long steps, double rate) {
        return new StageSpec.Pretrain(
                Task.ARITHMETIC,
                SIZE.config(),
                seed,
                Mixtures.of(Task.ARITHMETIC).data(Data.Mixture.MIXED, 0),
                Training.constant(steps, 8, 2, rate));
    }

    private void run(List<StageSpec> stages, double memory, StageListener listener) {
        try (Backend backend = Backends.open("cpu");
                Workers workers = new Workers(2)) {
            StageStore store = store();
            new Scheduler(store, new Machine(backend, Precision.F32, workers), memory, listener)
                    .run(stages);
        }
    }

    private StageStore store() {
        return new StageStore(directory, "cpu", Precision.F32);
    }

    /// Notes beginnings and ends in their order.
    private static final class Notes implements StageListener {
        private final List<String> notes = Collections.synchronizedList(new ArrayList<>());

        @Override
        public TrainingObserver onBegin(StageSpec spec, long steps, long total) {
            notes.add("begin " + name(spec));
            return _ -> {};
        }

        @Override
        public void onFinished(StageSpec spec, StageResult result) {
            notes.add("end " + name(spec));
        }

        private static String name(StageSpec spec) {
            return switch (spec) {
                case StageSpec.Pretrain pretrain -> "pretrain " + pretrain.seed();
                default -> spec.getClass().getSimpleName();
            };
        }
    }

    @Test
    void readyStagesRunSideBySide() {
        CyclicBarrier both = new CyclicBarrier(2);
        StageListener meeting =
                new StageListener() {
                    @Override
                    public TrainingObserver onBegin(StageSpec spec, long steps, long total) {
                        try {
                            both.await(20, TimeUnit.SECONDS);
                        } catch (Exception e) {
                            throw new AssertionError("the other stage did not begin", e);
                        }
                        return _ -> {};
                    }
                };
        run(List.of(pretrain(1, 3, 1e-3), pretrain(2, 3, 1e-3)), Double.MAX_VALUE, meeting);
    }

    @Test
    void stagesThatDoNotFitTogetherRunOneByOne() {
        Notes listener = new Notes();
        run(List.of(pretrain(1, 3, 1e-3), pretrain(2, 3, 1e-3)), 1, listener);
        assertEquals(
                List.of("begin pretrain 1", "end pretrain 1", "begin pretrain 2", "end pretrain 2"),
                listener.notes);
    }

    @Test
    void whatMostWaitsForGoesFirstAndInputsBeforeTheirUsers() {
        StageSpec.Pretrain base = pretrain(1, 3, 1e-3);
        StageSpec.Perturb noisy = new StageSpec.Perturb(base, 0.5, 0.1, 1);
        List<StageSpec> stages =
                List.of(
                        pretrain(2, 3, 1e-3),
                        base,
                        new StageSpec.Evaluate(base),
                        noisy,
                        new StageSpec.Evaluate(noisy));
        Notes listener = new Notes();
        run(stages, 1, listener);
        assertEquals(10, listener.notes.size());
        assertEquals("begin pretrain 1", listener.notes.getFirst());
        assertTrue(
                listener.notes.indexOf("end Perturb") < listener.notes.lastIndexOf("begin Evaluate"));
        Notes again = new Notes();
        run(stages, 1, again);
        assertEquals(List.of(), again.notes);
    }

    @Test
    void aFailureStopsTheStageBesideItWhichGoesOnLater() {
        StageSpec.Pretrain lasting = pretrain(1, 1_000_000, 1e-3);
        StageSpec.Pretrain wild = pretrain(2, 5, 1e30);
        StageSpec.Pretrain later = pretrain(3, 3, 1e-3);
        Notes listener = new Notes();
        assertThrows(
                DivergedException.class,
                () -> run(List.of(lasting, wild, later), Double.MAX_VALUE, listener));
        assertFalse(listener.notes.contains("begin pretrain 3"), listener.notes.toString());
        assertTrue(store().find(lasting).isEmpty());
    }
}
