package dev.lethe.model.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.data.StepBatch.Role;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.RepNoise;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs that stop, are stored and go on; and what is said when the files are not what they were.
class TrainingCheckpointTest {
    private static final int STEPS = 5;
    private static final int STOP = 2;
    private static final List<String> FILES =
            List.of("config.json", "model.safetensors", "optimizer.safetensors", "state.json");

    record Run(String name, Objective objective, TrainingPlan plan) {
        @Override
        public String toString() {
            return name;
        }
    }

    static final List<Run> RUNS =
            List.of(
                    new Run("plain", new NextToken(), plan(3)),
                    new Run(
                            "sharpness-aware",
                            new MaxEnt(1, Positions.TARGETS),
                            plan(3).stepping(new StepRule.SharpnessAware())),
                    new Run(
                            "representation noise",
                            new RepNoise(new MaxEnt(1, Positions.TARGETS), 1, 1, 4),
                            plan(1)));

    @TempDir private Path home;
    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void nothingStaysOpen() {
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private static TrainingPlan plan(int microBatches) {
        Schedule cosine = new Schedule.Cosine(1e-2, 1e-3, 2, STEPS);
        return TrainingPlan.of(STEPS, microBatches, cosine);
    }

    private static StepBatch batch(long step) {
        return StepBatch.of(
                Map.of(
                        Role.MAIN, TinyGemma2.batch(100 + step, 6, 6, 2, 5, 6),
                        Role.FORGET, TinyGemma2.batch(200 + step, 5, 5, 3, 5),
                        Role.RETAIN, TinyGemma2.batch(300 + step, 5, 4, 5, 2)));
    }

    private byte[] bits(Parameters parameters) {
        byte[] bits = new byte[Math.toIntExact(parameters.flat().bytes())];
        backend.download(parameters.flat(), MemorySegment.ofArray(bits));
        return bits;
    }

    /// All that a run has become.
    private record Outcome(List<Double> losses, TrainerState state, byte[] parameters) {}

    private void assertSameBits(Outcome expected, Gemma2 model, Trainer trainer) {
        assertArrayEquals(expected.parameters(), bits(model.masters()));
        try (TrainerState state = trainer.state();
                TrainerState other = expected.state()) {
            assertSame(other, state);
        }
    }

    private void assertSame(TrainerState expected, TrainerState actual) {
        assertEquals(expected.steps(), actual.steps());
        assertEquals(expected.tokens(), actual.tokens());
        assertEquals(expected.optimizer().steps(), actual.optimizer().steps());
        assertArrayEquals(bits(expected.optimizer().m()), bits(actual.optimizer().m()));
        assertArrayEquals(bits(expected.optimizer().v()), bits(actual.optimizer().v()));
    }

    private Outcome straight(Run run, Precision precision) {
        List<Double> losses = new ArrayList<>();
        try (Workers workers = new Workers(1);
                Gemma2 model = TinyGemma2.random(backend, precision, 9);
                Trainer trainer = new Trainer(model, run.objective(), run.plan(), workers)) {
            trainer.run(
                    TrainingCheckpointTest::batch,
                    Check.NONE,
                    List.of(report -> losses.add(report.loss())));
            return new Outcome(losses, trainer.state(), bits(model.masters()));
        }
    }

    @ParameterizedTest
    @FieldSource("RUNS")
    void aRunThatWasStoredGoesOnWithTheSameBits(Run run) {
        for (Precision precision : Precision.values()) {
            for (int threads = 1; threads <= 3; threads++) {
                Outcome straight = straight(run, precision);
                try (Workers workers = new Workers(4 - threads);
                        Gemma2 model = TinyGemma2.random(backend, precision, 9);
                        Trainer trainer =
                                new Trainer(model, run.objective(), run.plan(), workers)) {
                    for (int step = 0; step < STOP; step++) {
                        trainer.step(batch(step));
                    }
                    save(home.resolve("run"), model, trainer);
                }
                List<Double> losses = new ArrayList<>();
                try (Workers workers = new Workers(threads);
                        Gemma2 model = Gemma2.allocate(TinyGemma2.CONFIG, backend, precision);
                        TrainerState state = TrainingCheckpoint.load(home.resolve("run"), model);
                        Trainer trainer =
                                new Trainer(model, run.objective(), run.plan(), workers)) {
                    assertEquals(STOP, state.steps());
                    trainer.restore(state);
                    Trainer.Result result =
                            trainer.run(
                                    TrainingCheckpointTest::batch,
                                    Check.NONE,
                                    List.of(report -> losses.add(report.loss())));
                    assertEquals(STEPS, result.steps());
                    assertEquals(straight.losses().subList(STOP, STEPS), losses);
                    assertSameBits(straight, model, trainer);
                }
            }
        }
    }

    private static void save(Path directory, Gemma2 model, Trainer trainer) {
        try (TrainerState state = trainer.state()) {
            TrainingCheckpoint.save(directory, model, state);
        }
    }

    @Test
    void aStateIsACopy() {
        Run run = RUNS.getFirst();
        try (Workers workers = new Workers(1);
                Gemma2 model = TinyGemma2.random(backend, DType.F32, 9);
                Trainer trainer = new Trainer(model, run.objective(), run.plan(), workers)) {
            trainer.step(batch(0));
            try (TrainerState kept = trainer.state();
                    TrainerState same = trainer.state()) {
                trainer.step(batch(1));
                assertSame(same, kept);
                trainer.restore(kept);
                trainer.step(batch(2));
                assertSame(same, kept);
                assertEquals(2, trainer.steps());
            }
        }
    }

    /// A checkpoint of step 1 of a plain run in F32.
    private Path stored() {
        Path directory = home.resolve("stored");
        step(directory, 1);
        return directory;
    }

    private void step(Path directory, int steps) {
        Run run = RUNS.getFirst();
        try (Workers workers = new Workers(1);
                Gemma2 model = TinyGemma2.random(backend, DType.F32, 9);
                Trainer trainer = new Trainer(model, run.objective(), run.plan(), workers)) {
            for (int i = 0; i < steps; i++) {
                trainer.step(batch(i));
            }
            save(directory, model, trainer);
        }
    }

    private long storedSteps(Path directory) {
        try (Gemma2 model = Gemma2.allocate(TinyGemma2.CONFIG, backend, DType.F32);
                TrainerState state = TrainingCheckpoint.load(directory, model)) {
            return state.steps();
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(home)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void replacesTheOldOneAndLeavesNothingBeside() throws IOException {
        Path directory = stored();
        step(directory, 3);
        assertEquals(3, storedSteps(directory));
        assertEquals(List.of("stored"), names());
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    FILES, files.map(path -> path.getFileName().toString()).sorted().toList());
        }
        assertTrue(TrainingCheckpoint.exists(directory));
        TrainingCheckpoint.delete(directory);
        assertFalse(TrainingCheckpoint.exists(directory));
        assertEquals(List.of(), names());
    }

    /// The three moments at which a writer may have died: while it wrote, between its two renames,
    /// and before it removed the old directory.
    @Test
    void whereverAWriterDiedThereIsOneWholeCheckpoint() throws IOException {
        Path directory = stored();
        Path partial = Files.createDirectory(home.resolve("stored.partial"));
        Files.writeString(partial.resolve("model.safetensors"), "half");
        assertEquals(1, storedSteps(directory));

        Path previous = home.resolve("stored.previous");
        Files.move(directory, previous);
        assertTrue(TrainingCheckpoint.exists(directory));
        assertEquals(1, storedSteps(directory));

        step(directory, 2);
        assertEquals(2, storedSteps(directory));
        assertEquals(List.of("stored"), names());

        Files.createDirectory(previous);
        Files.writeString(previous.resolve("state.json"), "half removed");
        assertEquals(2, storedSteps(directory));
        step(directory, 3);
        assertEquals(3, storedSteps(directory));
        assertEquals(List.of("stored"), names());
    }

    private String refusal(Path directory, Gemma2 model) {
        byte[] before = bits(model.parameters());
        String message =
                assertThrows(
                                CheckpointException.class,
                                () -> TrainingCheckpoint.load(directory, model))
                        .getMessage();
        assertArrayEquals(before, bits(model.parameters()), "nothing is overwritten");
        assertFalse(message.contains("\n"), message);
        return message;
    }

    private String refusal(Path directory) {
        try (Gemma2 model = TinyGemma2.random(backend, DType.F32, 2)) {
            return refusal(directory, model);
        }
    }

    private static void assertMatches(String message, String expected) {
        assertTrue(message.matches(expected), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "model.safetensors", "optimizer.safetensors"})
    void aDamagedFileIsNamed(String name) throws IOException {
        Path file = stored().resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 3] ^= 1;
        Files.write(file, bytes);
        assertMatches(
                refusal(home.resolve("stored")),
                ".*/stored/"
                        + name
                        + ": damaged: expected checksum [0-9a-f]{64}, got [0-9a-f]{64}; delete the"
                        + " checkpoint and begin the training anew");
        Files.delete(file);
        assertMatches(
                refusal(home.resolve("stored")),
                ".*/stored/" + name + ": cannot read: expected a file .* NoSuchFileException; .*");
    }

    @Test
    void aDamagedStateIsSeen() throws IOException {
        Path file = stored().resolve("state.json");
        String whole = Files.readString(file);
        record Case(String text, String message) {}
        for (Case one :
                List.of(
                        new Case(
                                whole.replace("\"steps\" : 1", "\"steps\" : 2"),
                                ".*damaged: expected checksum \\w{64}, got \\w{64}; .*"),
                        new Case(
                                whole.replace("\"format_version\" : 1", "\"format_version\" : 2"),
                                ".*expected format version 1, got 2; delete .*"),
                        new Case("{}", ".*expected format version 1, got null; .*"),
                        new Case("[]", ".*damaged: expected an object, got ARRAY; .*"),
                        new Case("", ".*damaged: expected an object, got MISSING; .*"),
                        new Case(whole.substring(0, 40), ".*damaged: expected JSON, got .*"))) {
            assertFalse(one.text().equals(whole), "the text was changed");
            Files.writeString(file, one.text());
            assertMatches(refusal(home.resolve("stored")), one.message());
        }
        Files.delete(file);
        assertMatches(
                refusal(home.resolve("stored")), ".*/state.json: cannot read: expected the .*");
    }

    @Test
    void anotherModelIsRefused() {
        Path directory = stored();
        try (Gemma2 other = TinyGemma2.random(backend, DType.F64, 9)) {
            assertMatches(
                    refusal(directory, other),
                    ".*tensor `model.embed_tokens.weight`: expected F64, got F32; go on in .*");
        }
        Gemma2Config sameShapes = TinyGemma2.CONFIG.toBuilder().finalSoftCap(5).build();
        try (Gemma2 other = Gemma2.allocate(sameShapes, backend, DType.F32)) {
            assertMatches(
                    refusal(directory, other), ".*expected the configuration .*, got .*; use .*");
        }
    }

    @Test
    void aMissingCheckpointIsOneLine() {
        Path nowhere = home.resolve("nowhere");
        assertFalse(TrainingCheckpoint.exists(nowhere));
        assertEquals(
                nowhere
                        + ": expected a training checkpoint, got no directory; begin the training"
                        + " anew",
                refusal(nowhere));
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void aPlaceThatCannotBeWrittenIsOneLineAndLosesNothing(DType dtype) throws IOException {
        Path file = Files.writeString(home.resolve("file"), "kept");
        Run run = RUNS.getFirst();
        try (Workers workers = new Workers(1);
                Gemma2 model = TinyGemma2.random(backend, dtype, 9);
                Trainer trainer = new Trainer(model, run.objective(), run.plan(), workers)) {
            String message =
                    assertThrows(
                                    CheckpointException.class,
                                    () -> save(file.resolve("checkpoint"), model, trainer))
                            .getMessage();
            assertMatches(message, ".*/file/checkpoint: cannot write: expected a writable .*");
        }
        assertEquals("kept", Files.readString(file));
    }
}
