package dev.lethe.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.gemma2.Precision;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Names, directories, damage.
class StageStoreTest {
    private static final StageResult RESULT =
            new StageResult(
                    4, 99, 1, 2, "steps", Map.of("kl", 0.1), List.of(), OptionalLong.empty());

    @TempDir private Path root;

    private StageStore store() {
        return new StageStore(root, "cpu", Precision.F32);
    }

    private Path finished() {
        StageStore store = store();
        try (StageStore.Claim claim = store.claim(TinyStudy.BASE, () -> {})) {
            Files.writeString(claim.open().resolve("model.safetensors"), "weights");
            claim.finish(RESULT);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return store.directory(TinyStudy.BASE);
    }

    private String damage() {
        String message =
                assertThrows(CheckpointException.class, () -> store().find(TinyStudy.BASE))
                        .getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    /// Names are written into runs that people keep: a change of them must be meant, and then
    /// [StageStore#FORMAT] is raised.
    @Test
    void namesStayTheSame() {
        assertEquals("18f873849814ae9e", store().name(TinyStudy.BASE));
        assertEquals("6e35c0fc23b99549", store().name(TinyStudy.ATTACK));
    }

    @Test
    void everyFieldChangesTheName() throws ReflectiveOperationException {
        List<StageSpec> specs = new ArrayList<>(TinyStudy.everything());
        // These refuse to differ in one field alone: micro-batches, teacher.
        specs.removeAll(List.of(TinyStudy.NOISED, TinyStudy.MATCHED));
        for (StageSpec spec : specs) {
            Map<String, String> fieldOf = new HashMap<>();
            fieldOf.put(store().name(spec), "none");
            for (var other : SpecFields.changed((Record) spec).entrySet()) {
                assertNotEquals(spec, other.getValue(), other.getKey());
                String name = store().name((StageSpec) other.getValue());
                assertNull(fieldOf.put(name, other.getKey()), other.getKey());
            }
            assertTrue(fieldOf.size() > 30, "too few fields: " + fieldOf);
        }
    }

    @Test
    void tasksAndMixturesOfTheSameSharesChangeTheName() {
        StageSpec.Pretrain base = TinyStudy.BASE;
        Set<String> names = new HashSet<>();
        for (Data.Mixture mixture : List.of(Data.Mixture.MIXED, Data.Mixture.RETAIN)) {
            Data data = new Data(mixture, TinyStudy.MIXTURES.retain(), 0);
            assertTrue(
                    names.add(
                            store().name(
                                            new StageSpec.Pretrain(
                                                    base.task(),
                                                    base.model(),
                                                    base.seed(),
                                                    data,
                                                    base.optimization()))));
        }
        for (Task task : Task.values()) {
            assertTrue(
                    names.add(store().name(new StageSpec.Given(task, TinyStudy.MODEL, "c0ffee"))));
        }
    }

    @Test
    void whatIsInACorpusChangesTheNameAndWhereItLiesDoesNot() {
        Corpus.Source tokenizer = new Corpus.Source("tokenizer.json", "ab");
        Corpus.Source english = new Corpus.Source("english", "cd");
        Corpus first = new Corpus(256, 8, 100, tokenizer, english, Optional.empty());
        Set<String> names = new HashSet<>();
        for (Corpus corpus :
                List.of(
                        first,
                        new Corpus(128, 8, 100, tokenizer, english, Optional.empty()),
                        new Corpus(256, 9, 100, tokenizer, english, Optional.empty()),
                        new Corpus(256, 8, 101, tokenizer, english, Optional.empty()),
                        new Corpus(256, 8, 100, english, english, Optional.empty()),
                        new Corpus(256, 8, 100, tokenizer, tokenizer, Optional.empty()))) {
            assertTrue(names.add(store().name(pretrain(corpus))), corpus.toString());
        }
        Corpus.Source elsewhere = new Corpus.Source("/elsewhere", "cd");
        Corpus moved = new Corpus(256, 8, 100, tokenizer, elsewhere, Optional.empty());
        assertFalse(names.add(store().name(pretrain(moved))));
        assertNotEquals(pretrain(first), pretrain(moved));
    }

    private static StageSpec.Pretrain pretrain(Corpus corpus) {
        return new StageSpec.Pretrain(
                new Subject(Task.ARITHMETIC, Optional.of(corpus)),
                TinyStudy.MODEL,
                1,
                new Data(
                        Data.Mixture.MIXED,
                        Map.of(RowKind.ENGLISH, 0.5, RowKind.ADD, 0.25, RowKind.MUL, 0.25),
                        0),
                TinyStudy.BASE.optimization());
    }

    @Test
    void guardsChangeTheName() {
        Method method = TinyStudy.NOISED.method();
        Set<String> names = new HashSet<>();
        for (Guard guard :
                List.of(
                        new Guard.RepNoise(0.5, 1e-3),
                        new Guard.RepNoise(0.25, 1e-3),
                        new Guard.RepNoise(0.5, 2e-3),
                        new Guard.Sam(0.5),
                        new Guard.None())) {
            assertTrue(names.add(store().name(TinyStudy.unlearn(method, guard))), guard.toString());
        }
    }

    @Test
    void stopRulesChangeTheName() {
        Set<String> names = new HashSet<>();
        for (Stop stop :
                List.of(
                        new Stop.Never(),
                        new Stop.NeverWatched(2),
                        new Stop.RetainWithin(2, 2),
                        new Stop.KlMatches(TinyStudy.STUDENT, 2),
                        new Stop.KlMatches(TinyStudy.STUDENT, 3),
                        new Stop.KlMatches(TinyStudy.MATCHED, 2))) {
            StageSpec spec = TinyStudy.distill(Optional.empty(), TinyStudy.BASE, stop);
            assertTrue(names.add(store().name(spec)), stop.toString());
        }
    }

    @Test
    void backendAndTypeChangeTheName() {
        assertNotEquals(
                store().name(TinyStudy.BASE),
                new StageStore(root, "reference", Precision.F32).name(TinyStudy.BASE));
        assertNotEquals(
                store().name(TinyStudy.BASE),
                new StageStore(root, "cpu", Precision.F64).name(TinyStudy.BASE));
    }

    /// Names that runs of format 2 gave: what they left is still found. Other names take another
    /// format.
    @Test
    void namesStayWhatTheyWere() {
        assertEquals(
                List.of("18f873849814ae9e", "81796a946f13c9b9", "393a99eae2e34b7b"),
                List.of(
                        name(Precision.F32, TinyStudy.BASE),
                        name(Precision.F32, TinyStudy.NOISED),
                        name(Precision.F64, TinyStudy.ATTACK)));
    }

    @Test
    void everyPrecisionHasItsOwnName() {
        Set<String> names = new HashSet<>();
        for (Precision precision : Precision.values()) {
            assertTrue(names.add(name(precision, TinyStudy.BASE)), precision.word());
        }
        assertEquals("bf16-pure", Precision.BF16_PURE.word());
    }

    private String name(Precision precision, StageSpec spec) {
        return new StageStore(root, "cpu", precision).name(spec);
    }

    @Test
    void aStageAppearsWhole() throws IOException {
        StageStore store = store();
        assertEquals(Optional.empty(), store.find(TinyStudy.BASE));
        try (StageStore.Claim claim = store.claim(TinyStudy.BASE, () -> {})) {
            Path part = claim.open();
            Files.writeString(part.resolve("model.safetensors"), "weights");
            Files.writeString(part.resolve(".lethe-0.partial"), "cut off by a kill");
            assertEquals(part, claim.open());
            assertFalse(Files.exists(part.resolve(".lethe-0.partial")));
            assertEquals(Optional.empty(), store.find(TinyStudy.BASE));
            claim.finish(RESULT);
        }
        assertEquals(Optional.of(RESULT), store.find(TinyStudy.BASE));
        Path directory = store.directory(TinyStudy.BASE);
        try (var left = Files.list(root)) {
            assertEquals(List.of(directory), left.toList());
        }
        try (var files = Files.list(directory)) {
            assertEquals(
                    List.of("DONE", "config.yaml", "model.safetensors", "result.json"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertEquals(TinyStudy.BASE, SpecFile.read(directory.resolve("config.yaml")));
        assertEquals(RESULT, StageStore.read(directory));
    }

    @Test
    void aChangedByteIsTold() throws IOException {
        Path directory = finished();
        Files.writeString(directory.resolve("model.safetensors"), "weighty");
        String message = damage();
        assertTrue(message.contains("model.safetensors: damaged: expected checksum"), message);
        assertTrue(message.contains("remove the directory " + directory), message);
    }

    @Test
    void aMissingFileIsTold() throws IOException {
        Path directory = finished();
        Files.delete(directory.resolve("result.json"));
        assertTrue(damage().contains("damaged"));
        Files.delete(directory.resolve("DONE"));
        assertTrue(damage().contains("expected a finished stage"), damage());
    }

    @Test
    void aChecksumFileCutShortIsTold() throws IOException {
        Path done = finished().resolve("DONE");
        Files.writeString(done, Files.readString(done).substring(0, 20));
        assertTrue(damage().contains("DONE: damaged"), damage());
        Files.writeString(done, "[]");
        assertTrue(damage().contains("expected a list of checksums"), damage());
    }

    @Test
    void anotherFormatIsTold() throws IOException {
        Path directory = finished();
        Path done = directory.resolve("DONE");
        String before = Files.readString(done);
        Files.writeString(done, before.replace("\"format\" : 2", "\"format\" : 7"));
        assertNotEquals(before, Files.readString(done));
        String message = damage();
        assertTrue(message.contains("stage of format 7, expected format 2"), message);
        assertTrue(message.contains("remove the directory"), message);
    }

    @Test
    void aPlaceThatCannotBeWrittenIsTold() throws IOException {
        Path file = root.resolve("file");
        Files.writeString(file, "no directory");
        StageStore store = new StageStore(file.resolve("stages"), "cpu", Precision.F32);
        String message =
                assertThrows(
                                CheckpointException.class,
                                () -> store.claim(TinyStudy.BASE, () -> {}).close())
                        .getMessage();
        assertEquals(1, message.lines().count());
        assertTrue(message.contains("expected a writable place"), message);
    }

    @Test
    void oneThreadAtATimeHasAStage() throws Exception {
        StageStore store = store();
        Thread second;
        try (StageStore.Claim first = store.claim(TinyStudy.BASE, () -> {})) {
            second =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try (var claim = store().claim(TinyStudy.BASE, () -> {})) {
                                            claim.open();
                                        }
                                    });
            second.join(200);
            assertTrue(second.isAlive(), "it went on without the lock");
            first.open();
        }
        second.join(10_000);
        assertFalse(second.isAlive());
    }
}
