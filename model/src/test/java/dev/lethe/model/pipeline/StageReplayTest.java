package dev.lethe.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.stage.Machine;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A training that is made again goes the way of the first.
class StageReplayTest {
    @TempDir private Path directory;

    private static double[] weights(Gemma2 model) {
        return Coordinates.of(model.parameters()).read(model.parameters());
    }

    @Test
    void endsWithTheBitsOfTheStoredModelWhateverTheThreads() {
        try (ReferenceBackend backend = new ReferenceBackend();
                Workers two = new Workers(2);
                Workers one = new Workers(1)) {
            StageStore store = new StageStore(directory, "reference", Precision.F32);
            StageRunner first = runner(store, backend, two);
            List<Long> steps = new ArrayList<>();
            List<double[]> seen = new ArrayList<>();
            long all = TinyStudy.UNLEARNED.optimization().steps();
            new StageReplay(runner(store, backend, one))
                    .run(
                            TinyStudy.UNLEARNED,
                            Long.MAX_VALUE,
                            1,
                            (step, model) -> {
                                steps.add(step);
                                seen.add(weights(model));
                            });
            assertEquals(all + 1, steps.size());
            assertEquals(0, steps.getFirst());
            assertEquals(all, steps.getLast());
            try (Gemma2 base = first.load(TinyStudy.BASE);
                    Gemma2 unlearned = first.load(TinyStudy.UNLEARNED)) {
                assertArrayEquals(weights(base), seen.getFirst());
                assertArrayEquals(weights(unlearned), seen.getLast());
            }
            steps.clear();
            new StageReplay(first).run(TinyStudy.ATTACK, 1, 1, (step, _) -> steps.add(step));
            assertEquals(List.of(0L, 1L), steps, "no further than asked for");
            assertTrue(
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () ->
                                            new StageReplay(first)
                                                    .run(TinyStudy.BASE, 1, 1, (_, _) -> {}))
                            .getMessage()
                            .contains("got Pretrain"));
            assertEquals(0, backend.memory().openArenas());
        }
    }

    private static StageRunner runner(
            StageStore store, ReferenceBackend backend, Workers workers) {
        return new StageRunner(
                store,
                new Machine(backend, Precision.F32, workers),
                StageRunner.EVERY,
                StageListener.NONE);
    }
}
