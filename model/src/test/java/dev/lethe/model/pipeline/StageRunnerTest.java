package dev.lethe.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Precision;
import dev.lethe.model.stage.Machine;
import dev.lethe.model.train.DivergedException;
import dev.lethe.model.train.MetricsLog;
import dev.lethe.model.train.TrainingObserver;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// Every kind of stage of a tiny model on the reference backend.
class StageRunnerTest {
    @TempDir private Path directory;

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Workers workers = new Workers(2);
    private final Machine machine = new Machine(backend, Precision.F32, workers);
    private final List<StageSpec> begun = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void nothingLeaks() {
        assertEquals(0, backend.memory().openArenas());
        workers.close();
        backend.close();
    }

    /// Notes what begins.
    private final StageListener noting =
            new StageListener() {
                @Override
                public TrainingObserver onBegin(StageSpec spec, long steps, long total) {
                    begun.add(spec);
                    return _ -> {};
                }
            };

    private StageRunner runner(String name, Duration every, StageListener listener) {
        StageStore store = new StageStore(directory.resolve(name), "reference", Precision.F32);
        return new StageRunner(store, machine, every, listener);
    }

    private StageRunner runner() {
        return runner("stages", StageRunner.EVERY, noting);
    }

    private static List<String> files(Path stage) throws IOException {
        try (Stream<Path> files = Files.list(stage)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void stagesAreMadeOnceWhoeverAsks() {
        StageResult first = runner().run(TinyStudy.ATTACK);
        assertEquals(List.of(TinyStudy.BASE, TinyStudy.UNLEARNED, TinyStudy.ATTACK), begun);
        runner().run(TinyStudy.EVALUATED);
        assertEquals(TinyStudy.EVALUATED, begun.getLast());
        assertEquals(4, begun.size());
        assertEquals(first, runner().run(TinyStudy.ATTACK));
        assertEquals(4, begun.size());
    }

    @Test
    void stagesSideBySideShareWhatTheyNeed() {
        StageRunner shared = runner();
        List<StageSpec> wanted =
                List.of(
                        TinyStudy.PERTURBED,
                        TinyStudy.UNLEARNED,
                        TinyStudy.ATTACK,
                        TinyStudy.unlearn(new Method.GradDiff(10), new Guard.None()));
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (StageSpec spec : wanted) {
            threads.add(
                    Thread.ofPlatform()
                            .uncaughtExceptionHandler((_, e) -> failures.add(e))
                            .start(() -> runSingly(shared, spec)));
        }
        threads.forEach(
                thread -> {
                    try {
                        thread.join();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
        assertEquals(List.of(), failures);
        assertEquals(begun.size(), new HashSet<>(begun).size(), begun.toString());
        assertTrue(begun.containsAll(wanted));
        StageRunner alone = runner("alone", StageRunner.EVERY, StageListener.NONE);
        assertEquals(alone.run(TinyStudy.ATTACK), shared.run(TinyStudy.ATTACK));
    }

    private void runSingly(StageRunner shared, StageSpec spec) {
        try (Workers one = new Workers(1)) {
            new StageRunner(shared.store(), machine.alone(one), shared.every(), shared.listener())
                    .run(spec);
        }
    }

    @Test
    void modelsAreLaidOutForOthers() throws IOException {
        StageRunner runner = runner();
        StageResult base = runner.run(TinyStudy.BASE);
        Path stage = runner.store().directory(TinyStudy.BASE);
        assertEquals(
                List.of(
                        "DONE",
                        "config.json",
                        "config.yaml",
                        "metrics.jsonl",
                        "model.safetensors",
                        "result.json"),
                files(stage));
        assertEquals(4, Files.readAllLines(stage.resolve("metrics.jsonl")).size());
        assertEquals(4, base.steps());
        assertEquals("steps", base.stopped());
        assertTrue(base.tokens() > 4 * 4 * 5, base.toString());
        assertTrue(base.flops() > 0 && base.teacherFlops() == 0, base.toString());
        runner.run(TinyStudy.ATTACK);
        assertEquals(
                List.of("DONE", "config.yaml", "metrics.jsonl", "result.json"),
                files(runner.store().directory(TinyStudy.ATTACK)));
    }

    @Test
    void abilitiesBearTheNamesOfTheTable() {
        Map<String, Double> metrics = runner().run(TinyStudy.EVALUATED).metrics();
        assertEquals(Set.of("forget_accuracy", "retain_accuracy"), metrics.keySet());
    }

    @Test
    void attacksLookWhereTheyAreTold() {
        StageResult whole = runner().run(TinyStudy.ATTACK);
        assertEquals(
                List.of(0L, 1L, 4L), whole.points().stream().map(StageResult.Point::step).toList());
        assertEquals(0, whole.points().getFirst().tokens());
        assertEquals(whole.tokens(), whole.points().getLast().tokens());
        assertEquals(whole.flops(), whole.points().getLast().flops());
        assertEquals(Set.of("forget_accuracy"), whole.points().getLast().metrics().keySet());
        StageResult half =
                runner().run(
                                TinyStudy.relearn(
                                        1e-2,
                                        TinyStudy.MIXTURES.data(Data.Mixture.FORGET_HALF, 6)));
        assertEquals(
                Set.of("forget_accuracy", "forget_heldout_accuracy"),
                half.points().getLast().metrics().keySet());
    }

    @Test
    void attacksAskWhatTheyAreTold() {
        StageSpec.Relearn attack = TinyStudy.ATTACK;
        for (StageResult.Point point : runner().run(attack).points()) {
            assertEquals(Set.copyOf(attack.questions().prompts()), point.answers().keySet());
            point.answers().values().forEach(text -> assertTrue(text.length() <= 3, text));
        }
    }

    @Test
    void takesInAModelThatWasMadeElsewhere() throws IOException {
        StageRunner elsewhere = runner("elsewhere", StageRunner.EVERY, noting);
        elsewhere.run(TinyStudy.BASE);
        Path made = elsewhere.store().directory(TinyStudy.BASE);
        StageRunner here = runner();
        StageSpec.Given given = here.adopt(Task.ARITHMETIC, made);
        assertEquals(given, here.adopt(Task.ARITHMETIC, made));
        assertEquals(
                -1,
                Files.mismatch(
                        made.resolve("model.safetensors"),
                        here.store().directory(given).resolve("model.safetensors")));
        begun.clear();
        StageResult evaluated = here.run(new StageSpec.Evaluate(given));
        assertEquals(List.of(new StageSpec.Evaluate(given)), begun);
        assertEquals(
                elsewhere.run(new StageSpec.Evaluate(TinyStudy.BASE)).metrics(),
                evaluated.metrics());
        assertThrows(
                CheckpointException.class,
                () ->
                        here.run(
                                new StageSpec.Given(
                                        Task.ARITHMETIC, TinyStudy.MODEL, "unknown")));
        assertThrows(CheckpointException.class, () -> here.adopt(Task.ARITHMETIC, directory));
    }

    @Test
    void aStudentsKlIsWatchedOnTheWay() {
        StageRunner runner = runner();
        StageSpec.Distill watched =
                TinyStudy.distill(Optional.empty(), TinyStudy.BASE, new Stop.NeverWatched(2));
        StageResult result = runner.run(watched);
        assertEquals("steps", result.stopped());
        List<MetricsLog.Look> looks =
                MetricsLog.looks(
                        runner.store().directory(watched).resolve(StageStore.METRICS));
        assertEquals(List.of(0L, 2L, 4L), looks.stream().map(MetricsLog.Look::step).toList());
        assertEquals(result.metrics(), looks.getLast().metrics());
        assertEquals(runner.run(TinyStudy.STUDENT).metrics(), result.metrics());
    }

    @Test
    void aDivergedAttackIsRecordedAndSurvived() {
        StageSpec.Relearn attack = TinyStudy.relearn(1e30);
        StageResult result = runner().run(attack);
        assertEquals(OptionalLong.of(2), result.diverged());
        assertEquals(
                List.of(0L, 1L), result.points().stream().map(StageResult.Point::step).toList());
        assertEquals(1, result.steps());
    }

    @Test
    void aDivergedTrainingLeavesNoStage() {
        StageSpec.Pretrain wild =
                new StageSpec.Pretrain(
                        Task.ARITHMETIC,
                        TinyStudy.MODEL,
                        1,
                        TinyStudy.MIXED,
                        TinyStudy.steps(4, 1e30));
        StageRunner runner = runner();
        assertThrows(DivergedException.class, () -> runner.run(wild));
        assertFalse(Files.exists(runner.store().directory(wild)));
    }

    @Test
    void distillationSaysWhatStoppedIt() {
        StageResult full = runner().run(TinyStudy.STUDENT);
        assertEquals("steps", full.stopped());
        assertTrue(full.metrics().get("kl") > 0, full.toString());
        assertEquals(full.flops() / 3, full.teacherFlops(), 1e-9 * full.flops());

        Stop easy = new Stop.RetainWithin(0.25, 3);
        StageResult atOnce = runner().run(distill(easy));
        assertEquals("rule", atOnce.stopped());
        assertEquals(0, atOnce.steps());

        Stop impossible = new Stop.RetainWithin(-1, 3);
        StageResult capped = runner().run(distill(impossible));
        assertEquals("cap", capped.stopped());
        assertEquals(4, capped.steps());
    }

    private static StageSpec.Distill distill(Stop stop) {
        return TinyStudy.distill(Optional.of(TinyStudy.PERTURBED), TinyStudy.UNLEARNED, stop);
    }

    @Test
    void aStudentStopsWhereItsKlIsMatched() {
        StageRunner runner = runner();
        double goal = runner.run(TinyStudy.STUDENT).metrics().get("kl");
        // The teacher itself is at distance 0 from the start.
        StageResult same = runner.run(TinyStudy.MATCHED);
        assertEquals("rule", same.stopped());
        assertEquals(0, same.steps());
        assertTrue(same.metrics().get("kl") <= goal);
    }

    @Test
    void rmuMovesTheLayersItIsToldTo() {
        StageRunner runner = runner();
        StageSpec.Unlearn rmu =
                TinyStudy.unlearn(new Method.Rmu(1, 6, 15, List.of(1)), new Guard.None());
        try (Gemma2 base = runner.load(TinyStudy.BASE);
                Gemma2 moved = runner.load(rmu)) {
            for (String name : base.parameters().names()) {
                float[] before = base.parameters().get(name).toFloats();
                float[] after = moved.parameters().get(name).toFloats();
                if (name.equals("model.layers.1.mlp.down_proj.weight")) {
                    assertNotEquals(before[0], after[0]);
                } else {
                    assertArrayEquals(before, after, name);
                }
            }
        }
    }

    @Test
    void aStoreOfAnotherBackendIsRefused() {
        StageStore store = new StageStore(directory, "cpu", Precision.F32);
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        new StageRunner(
                                                store,
                                                machine,
                                                StageRunner.EVERY,
                                                StageListener.NONE))
                        .getMessage();
        assertTrue(message.contains("expected backend cpu"), message);
    }
}
