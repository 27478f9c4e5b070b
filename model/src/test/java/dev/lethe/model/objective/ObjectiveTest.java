package dev.lethe.model.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// What objectives refuse, and how terms add up to a loss.
class ObjectiveTest {
    private static final Batch LONG = TinyGemma2.batch(1, 4, 4, 3);
    private static final Batch SHORT = TinyGemma2.batch(2, 4, 1, 1);
    private static final Batch EMPTY = TinyGemma2.batch(3, 4, 0, 0);

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Gemma2 model = TinyGemma2.random(backend, DType.F32, 1);

    @AfterEach
    void close() {
        model.close();
        backend.close();
    }

    private static void assertRefused(String words, Executable work) {
        String message = assertThrows(IllegalArgumentException.class, work).getMessage();
        assertTrue(message.contains(words), message);
    }

    @Test
    void refusesABatchWithoutAnythingToAverage() {
        StepBatch noForget = StepBatch.forgetAndRetain(SHORT, LONG);
        StepBatch noRetain = StepBatch.forgetAndRetain(LONG, SHORT);
        StepBatch empty = StepBatch.forgetAndRetain(LONG, EMPTY);
        Rmu rmu = new Rmu(new Rmu.Target(0, 1, new double[12]), 1, model);
        MaxEnt shifted = new MaxEnt(1, Positions.TARGETS);
        MaxEnt all = new MaxEnt(1, Positions.ALL);
        assertRefused(
                "ce: the batch has no position that counts; expected at least one",
                () -> new NextToken().denominators(StepBatch.main(SHORT)));
        assertRefused("forget_ce: the", () -> new GradDiff(1).denominators(noForget));
        assertRefused("retain_ce: the", () -> new GradDiff(1).denominators(noRetain));
        assertRefused("forget_kl_uniform: the", () -> shifted.denominators(noForget));
        assertRefused("retain_ce: the", () -> all.denominators(noRetain));
        assertRefused("retain_mse: the", () -> rmu.denominators(empty));
        // A row of one token has a position, though no target.
        assertEquals(2.0, all.denominators(noForget).get("forget_kl_uniform"));
        assertEquals(24.0, rmu.denominators(noForget).get("forget_mse"));
    }

    @Test
    void refusesABatchThatLacksARole() {
        assertRefused(
                "the objective needs forget data, got only [MAIN]",
                () -> new GradDiff(1).denominators(StepBatch.main(LONG)));
        assertRefused(
                "the objective needs main data, got only [FORGET, RETAIN]",
                () -> new NextToken().denominators(StepBatch.forgetAndRetain(LONG, LONG)));
    }

    @Test
    void refusesAnRmuTargetThatIsNotTheModels() {
        assertRefused(
                "rmu: the control vector must have the model's 12 dimensions, got 11",
                () -> new Rmu(new Rmu.Target(0, 1, new double[11]), 1, model));
        assertRefused(
                "rmu: layer: expected 0 to 2, got 3",
                () -> new Rmu(new Rmu.Target(3, 1, new double[12]), 1, model));
        assertRefused(
                "rmu: layer: expected 0 to 2, got -1",
                () -> new Rmu(new Rmu.Target(-1, 1, new double[12]), 1, model));
    }

    @Test
    void addsWeightedTerms() {
        try (TensorArena _ = backend.openStep()) {
            LossTerms terms =
                    LossTerms.of(
                            new LossTerms.Term("a", -1, scalar(3)),
                            new LossTerms.Term("b", 0.5, scalar(4)),
                            new LossTerms.Term("c", 1, scalar(10)));
            assertEquals(9, terms.total().item());
        }
        assertRefused("an objective needs at least one term", () -> new LossTerms(List.of()));
    }

    private static Tensor scalar(double value) {
        return Tensor.of(DType.F64, Shape.scalar(), value);
    }
}
