package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.objective.CustomObjective;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.train.BatchSource;
import dev.lethe.model.train.Check;
import dev.lethe.model.train.DivergedException;
import dev.lethe.model.train.Pace;
import dev.lethe.model.train.StepReport;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainerState;
import dev.lethe.model.train.TrainingPlan;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// What the host does in steps that the device repeats: check a batch and write what changes; and
/// what it says where a step cannot be made or cannot be repeated.
class HostInTheWayOnCudaTest extends RepeatedTraining {
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
                                                RepeatedTraining::batch,
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
        assertTrue(traces.getFirst().reports().size() < STEPS - 1, "before the last step");
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
