package dev.lethe.model.gemma2;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.model.checkpoint.SafeTensorsWriter;
import dev.lethe.model.checkpoint.WeightFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Model directories: written and read back bit for bit, laid out as Hugging Face does.
class Gemma2CheckpointTest {
    @TempDir private Path directory;

    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void nothingStaysOpen() {
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private static void assertSameBits(Parameters expected, Parameters actual) {
        assertEquals(expected.specs(), actual.specs());
        for (String name : expected.names()) {
            // Array equality of doubles is by bits: it tells 0 from -0 and NaN from NaN.
            assertArrayEquals(
                    expected.get(name).toDoubles(), actual.get(name).toDoubles(), name);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void isReadBackBitForBit(DType dtype) throws IOException {
        Path place = directory.resolve("new").resolve("model");
        try (Gemma2 model = TinyGemma2.random(backend, dtype, 8)) {
            backend.elementwise()
                    .fill(-0.0, model.parameters().get("model.norm.weight").buffer().slice(0, 1));
            Gemma2Checkpoint.save(model, place);
            try (Gemma2 read = Gemma2Checkpoint.load(place, backend, dtype)) {
                assertEquals(model.config(), read.config());
                assertEquals(dtype, read.parameters().dtype());
                assertSameBits(model.parameters(), read.parameters());
            }
        }
        try (Stream<Path> files = Files.list(place)) {
            Set<Path> names = new HashSet<>(files.map(Path::getFileName).toList());
            assertEquals(Set.of(Path.of("config.json"), Path.of("model.safetensors")), names);
        }
    }

    @Test
    void replacesAnEarlierCheckpoint() {
        try (Gemma2 first = TinyGemma2.random(backend, DType.F32, 1);
                Gemma2 second = TinyGemma2.random(backend, DType.F32, 2)) {
            Gemma2Checkpoint.save(first, directory);
            Gemma2Checkpoint.save(second, directory);
            try (Gemma2 read = Gemma2Checkpoint.load(directory, backend, DType.F32)) {
                assertSameBits(second.parameters(), read.parameters());
            }
        }
    }

    /// Masters are stored as they are, F32 or BF16; a BF16 file stays BF16 when loaded so, and
    /// becomes exact masters.
    @Test
    void storesMastersAndRoundsThemToWeights() {
        try (Gemma2 mixed = TinyGemma2.random(backend, Precision.BF16, 8);
                Gemma2 single = TinyGemma2.random(backend, DType.F32, 8);
                Gemma2 pure = TinyGemma2.random(backend, Precision.BF16_PURE, 8)) {
            assertSameBits(single.parameters(), mixed.masters());
            assertSameBits(pure.parameters(), mixed.parameters());
            Gemma2Checkpoint.save(mixed, directory);
            assertStored(directory, ElementType.F32);
            try (Gemma2 read = Gemma2Checkpoint.load(directory, backend, Precision.BF16);
                    Gemma2 fixed = Gemma2Checkpoint.load(directory, backend, DType.BF16)) {
                assertSameBits(mixed.masters(), read.masters());
                assertSameBits(mixed.parameters(), read.parameters());
                assertSameBits(mixed.parameters(), fixed.parameters());
                assertSame(fixed.parameters(), fixed.masters());
            }
            Path short16 = directory.resolve("pure");
            Gemma2Checkpoint.save(pure, short16);
            assertStored(short16, ElementType.BF16);
            try (Gemma2 read = Gemma2Checkpoint.load(short16, backend, Precision.BF16_PURE);
                    Gemma2 trained = Gemma2Checkpoint.load(short16, backend, Precision.BF16)) {
                assertSameBits(pure.parameters(), read.parameters());
                assertSameBits(pure.parameters(), trained.masters());
                assertEquals(DType.F32, trained.masters().dtype());
            }
        }
    }

    private static void assertStored(Path place, ElementType expected) {
        try (WeightFiles files = WeightFiles.open(place)) {
            for (String name : files.names()) {
                assertEquals(expected, files.entry(name).dtype(), name);
            }
        }
    }

    @Test
    void widensExactlyAndRoundsOnce() {
        try (Gemma2 wide = TinyGemma2.random(backend, DType.F64, 8)) {
            Gemma2Checkpoint.save(wide, directory);
            try (Gemma2 narrow = Gemma2Checkpoint.load(directory, backend, DType.F32)) {
                for (String name : wide.parameters().names()) {
                    double[] values = wide.parameters().get(name).toDoubles();
                    float[] rounded = narrow.parameters().get(name).toFloats();
                    for (int i = 0; i < values.length; i++) {
                        assertEquals((float) values[i], rounded[i], name);
                    }
                }
                Path again = directory.resolve("again");
                Gemma2Checkpoint.save(narrow, again);
                try (Gemma2 widened = Gemma2Checkpoint.load(again, backend, DType.F64)) {
                    assertSameBits(narrow.parameters(), widened.parameters());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"A_tiny", "B_wide"})
    void hasTheNamesShapesAndConfigurationOfHuggingFace(String name)
            throws IOException, URISyntaxException {
        Path golden =
                Path.of(getClass().getResource("/golden/" + name + "/config.json").toURI())
                        .getParent();
        try (Gemma2 model = Gemma2Checkpoint.load(golden, backend, DType.F32)) {
            Gemma2Checkpoint.save(model, directory);
        }
        try (SafeTensors theirs = SafeTensors.open(golden.resolve(WeightFiles.SINGLE));
                SafeTensors ours = SafeTensors.open(directory.resolve(WeightFiles.SINGLE))) {
            assertEquals(new HashSet<>(theirs.names()), new HashSet<>(ours.names()));
            for (String tensor : theirs.names()) {
                Entry expected = theirs.entry(tensor);
                Entry actual = ours.entry(tensor, expected.shape());
                assertEquals(expected.dtype(), actual.dtype(), tensor);
                assertEquals(-1, expected.bytes().mismatch(actual.bytes()), tensor);
            }
            assertEquals(Map.of("format", "pt"), ours.metadata());
        }
        assertEquals(Gemma2ConfigJson.read(golden), Gemma2ConfigJson.read(directory));
    }

    @Test
    void refusesACheckpointThatLacksAWeight() {
        rewrite("model.layers.1.mlp.up_proj.weight", _ -> null);
        assertRefused(
                "model.safetensors: expected a weight `model.layers.1.mlp.up_proj.weight`, got 34"
                        + " others; use a checkpoint that belongs to this configuration");
    }

    @Test
    void refusesAWeightOfAnotherShape() {
        rewrite(
                "model.layers.2.self_attn.k_proj.weight",
                entry -> new Entry(entry.name(), entry.dtype(), List.of(6L, 24L), entry.bytes()));
        assertRefused(
                "model.safetensors: tensor `model.layers.2.self_attn.k_proj.weight`: expected"
                        + " shape [12, 12], got [6, 24]; use a checkpoint that belongs to this"
                        + " configuration");
    }

    /// Some tools store the tied head a second time, in a type of its own.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void takesAStoredHeadThatIsTheEmbedding(ElementType type) throws IOException {
        storeHead(type, 0);
        try (Gemma2 read = Gemma2Checkpoint.load(directory, backend, DType.F32);
                Gemma2 model = TinyGemma2.random(backend, DType.F32, 8)) {
            assertSameBits(model.parameters(), read.parameters());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void refusesAStoredHeadThatIsAnother(ElementType type) throws IOException {
        storeHead(type, 1e-3);
        assertRefused(
                "model.safetensors: tensor `lm_head.weight`: expected the values of"
                        + " `model.embed_tokens.weight`, to which the head is tied, got others;"
                        + " remove it or use a checkpoint with a tied head");
    }

    /// A good checkpoint and the embedding once more as the head, its last value shifted.
    private void storeHead(ElementType type, double shift) throws IOException {
        try (Arena arena = Arena.ofConfined();
                Gemma2 model = TinyGemma2.random(backend, DType.F32, 8)) {
            Gemma2Checkpoint.save(model, directory);
            Path good = Files.move(directory.resolve(WeightFiles.SINGLE), directory.resolve("good"));
            try (SafeTensors file = SafeTensors.open(good)) {
                List<Entry> entries = new ArrayList<>();
                file.names().forEach(name -> entries.add(file.entry(name)));
                Entry embedding = file.entry("model.embed_tokens.weight");
                MemorySegment head = arena.allocate(embedding.elements() * type.bytes());
                embedding.copyTo(type, head);
                long last = head.byteSize() - type.bytes();
                if (type == ElementType.F64) {
                    double value = head.get(JAVA_DOUBLE_UNALIGNED, last);
                    head.set(JAVA_DOUBLE_UNALIGNED, last, value + shift);
                } else {
                    head.set(
                            JAVA_FLOAT_UNALIGNED,
                            last,
                            (float) (head.get(JAVA_FLOAT_UNALIGNED, last) + shift));
                }
                entries.add(new Entry("lm_head.weight", type, embedding.shape(), head));
                SafeTensorsWriter.write(directory.resolve(WeightFiles.SINGLE), entries);
            }
        }
    }

    @Test
    void refusesADirectoryWithoutConfigurationOrWeights() throws IOException {
        assertRefused("config.json: cannot read: expected a readable configuration");
        rewrite("model.norm.weight", UnaryOperator.identity());
        Files.delete(directory.resolve(WeightFiles.SINGLE));
        assertRefused("expected model.safetensors or model.safetensors.index.json in it");
    }

    @Test
    void saysWhereItCannotWrite() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "taken");
        try (Gemma2 model = TinyGemma2.random(backend, DType.F32, 8)) {
            String message =
                    assertThrows(
                                    CheckpointException.class,
                                    () -> Gemma2Checkpoint.save(model, file))
                            .getMessage();
            assertTrue(message.contains(file + ": cannot make this directory"), message);
        }
        assertEquals("taken", Files.readString(file));
    }

    /// A good checkpoint in which one tensor is another, or missing where `change` gives null.
    private void rewrite(String name, UnaryOperator<Entry> change) {
        Path good = directory.resolve("good");
        try (Gemma2 model = TinyGemma2.random(backend, DType.F32, 8)) {
            Gemma2Checkpoint.save(model, good);
        }
        try (SafeTensors file = SafeTensors.open(good.resolve(WeightFiles.SINGLE))) {
            List<Entry> entries = new ArrayList<>();
            for (String stored : file.names()) {
                Entry entry = file.entry(stored);
                Entry kept = stored.equals(name) ? change.apply(entry) : entry;
                if (kept != null) {
                    entries.add(kept);
                }
            }
            SafeTensorsWriter.write(directory.resolve(WeightFiles.SINGLE), entries);
            Files.copy(good.resolve("config.json"), directory.resolve("config.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertRefused(String words) {
        String message =
                assertThrows(
                                CheckpointException.class,
                                () -> Gemma2Checkpoint.load(directory, backend, DType.F32))
                        .getMessage();
        assertTrue(message.contains(words), message);
    }
}
