package dev.lethe.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.stage.Machine;
import dev.lethe.model.train.TrainingObserver;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Stages that were broken off, by whatever, and are run again.
class ResumedStageTest {
    @TempDir private Path directory;

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers workers = new Workers(2);

    @AfterEach
    void nothingLeaks() {
        assertEquals(0, backend.memory().openArenas());
        workers.close();
        backend.close();
    }

    /// Breaks off one stage after each of its steps, once.
    private static final class Interruptions implements StageListener {
        private final StageSpec at;
        private final List<Long> resumedAt = new ArrayList<>();
        private long broken;

        private Interruptions(StageSpec at) {
            this.at = at;
        }

        @Override
        public TrainingObserver onBegin(StageSpec spec, long steps, long total) {
            if (!spec.equals(at)) {
                return _ -> {};
            }
            resumedAt.add(steps);
            return report -> {
                if (report.step() > broken) {
                    broken = report.step();
                    throw new IllegalStateException("interrupted");
                }
            };
        }
    }

    private StageRunner runner(String name, Duration every, StageListener listener) {
        StageStore store = new StageStore(directory.resolve(name), "reference", Precision.F32);
        Machine machine = new Machine(backend, Precision.F32, workers);
        return new StageRunner(store, machine, every, listener);
    }

    private static List<String> files(Path stage) throws IOException {
        try (Stream<Path> files = Files.list(stage)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void whatWasInterruptedGoesOnWithTheSameBits() throws IOException {
        StageRunner whole = runner("whole", StageRunner.EVERY, StageListener.NONE);
        for (StageSpec spec :
                List.of(
                        TinyStudy.BASE,
                        TinyStudy.unlearn(new Method.MaxEnt(4), new Guard.Sam(0.05)),
                        TinyStudy.unlearn(new Method.GradDiff(4), new Guard.RepNoise(0.5, 1e-3)),
                        TinyStudy.distill(
                                Optional.of(TinyStudy.PERTURBED),
                                TinyStudy.UNLEARNED,
                                new Stop.RetainWithin(-1, 3)),
                        TinyStudy.ATTACK)) {
            StageResult expected = whole.run(spec);
            assertEquals(4, expected.steps());
            Interruptions interruptions = new Interruptions(spec);
            StageRunner broken = runner("broken", Duration.ZERO, interruptions);
            for (long step = 1; step <= expected.steps(); step++) {
                assertThrows(IllegalStateException.class, () -> broken.run(spec));
                assertFalse(Files.exists(broken.store().directory(spec)));
            }
            assertEquals(expected, broken.run(spec));
            // The listener hears of a step before it is saved, so each is made twice.
            assertEquals(
                    LongStream.range(-1, expected.steps())
                            .map(step -> Math.max(0, step))
                            .boxed()
                            .toList(),
                    interruptions.resumedAt);
            Path one = whole.store().directory(spec);
            Path other = broken.store().directory(spec);
            assertEquals(files(one), files(other));
            for (String file : files(one)) {
                long at = Files.mismatch(one.resolve(file), other.resolve(file));
                assertEquals(-1, at, file + " of " + spec);
            }
        }
    }

    @Test
    void aFullDiskIsToldAndLosesNothing() throws IOException {
        StageRunner runner = runner("stages", StageRunner.EVERY, StageListener.NONE);
        String name = runner.store().name(TinyStudy.BASE);
        Path part = directory.resolve("stages").resolve(name + ".part");
        Files.createDirectories(part);
        Files.createSymbolicLink(part.resolve("metrics.jsonl"), Path.of("/dev/full"));
        String message =
                assertThrows(CheckpointException.class, () -> runner.run(TinyStudy.BASE))
                        .getMessage();
        assertTrue(message.contains("No space left on device"), message);
        assertFalse(Files.exists(runner.store().directory(TinyStudy.BASE)));
        Files.delete(part.resolve("metrics.jsonl"));
        assertEquals(4, runner.run(TinyStudy.BASE).steps());
    }

    @Test
    void aDamagedCheckpointIsTold() throws IOException {
        StageListener interruptions = new Interruptions(TinyStudy.BASE);
        StageRunner runner = runner("stages", Duration.ZERO, interruptions);
        assertThrows(IllegalStateException.class, () -> runner.run(TinyStudy.BASE));
        assertThrows(IllegalStateException.class, () -> runner.run(TinyStudy.BASE));
        String name = runner.store().name(TinyStudy.BASE);
        Path checkpoint = directory.resolve("stages").resolve(name + ".part/training");
        Path weights = checkpoint.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        String message =
                assertThrows(CheckpointException.class, () -> runner.run(TinyStudy.BASE))
                        .getMessage();
        assertTrue(message.contains(weights + ": damaged: expected checksum"), message);
        assertTrue(message.contains("delete the checkpoint"), message);
        assertEquals(1, message.lines().count());
    }
}
