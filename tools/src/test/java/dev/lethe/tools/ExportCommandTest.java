package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.model.checkpoint.SafeTensorsWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `.npz` files, taken apart by NumPy's published format.
class ExportCommandTest {
    private static final GoldenCase GOLDEN = GoldenCase.A_tiny;
    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

    @TempDir Path folder;

    private Invocation export(String source, String out, String... more) {
        String[] arguments = new String[4 + more.length];
        List.of("export", source, "--out", folder.resolve(out).toString()).toArray(arguments);
        System.arraycopy(more, 0, arguments, 4, more.length);
        return Invocation.of(Arrays.asList(arguments));
    }

    /// A `.npy` file in its parts.
    private record Npy(String header, ByteBuffer data) {
        static Npy of(byte[] file) {
            assertArrayEquals(
                    new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0},
                    Arrays.copyOf(file, 8));
            ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
            int length = bytes.getShort(8) & 0xffff;
            assertEquals(0, (10 + length) % 64, "data begins aligned");
            assertEquals('\n', file[10 + length - 1]);
            String header = new String(file, 10, length, StandardCharsets.US_ASCII).strip();
            return new Npy(
                    header,
                    bytes.slice(10 + length, file.length - 10 - length)
                            .order(ByteOrder.LITTLE_ENDIAN));
        }

        static String header(String type, String shape) {
            return "{'descr': '%s', 'fortran_order': False, 'shape': %s, }".formatted(type, shape);
        }
    }

    private Map<String, Npy> read(String name) throws IOException {
        Map<String, Npy> tensors = new HashMap<>();
        try (ZipFile file = new ZipFile(folder.resolve(name).toFile())) {
            for (ZipEntry entry : file.stream().toList()) {
                assertTrue(entry.getName().endsWith(".npy"), entry.getName());
                tensors.put(
                        entry.getName().substring(0, entry.getName().length() - 4),
                        Npy.of(file.getInputStream(entry).readAllBytes()));
            }
        }
        return tensors;
    }

    @Test
    void aCheckpointKeepsNamesShapesAndValues() throws IOException {
        export(GOLDEN.folder().toString(), "all.npz").assertDone();
        Map<String, Npy> written = read("all.npz");
        try (SafeTensors weights = GOLDEN.tensors("model.safetensors")) {
            assertEquals(weights.names().size(), written.size());
            for (String name : weights.names()) {
                Npy tensor = written.get(name);
                List<Long> shape = weights.entry(name).shape();
                String text =
                        shape.size() == 1
                                ? "(%d,)".formatted(shape.getFirst())
                                : "(%d, %d,)".formatted(shape.get(0), shape.get(1));
                assertEquals(Npy.header("<f4", text), tensor.header());
                for (float value : weights.toFloats(name)) {
                    assertEquals(value, tensor.data().getFloat(), name);
                }
                assertFalse(tensor.data().hasRemaining());
            }
        }
    }

    @Test
    void everyTypeIsNumPys() throws IOException {
        Path mixed = folder.resolve("mixed.safetensors");
        SafeTensorsWriter.write(
                mixed,
                List.of(
                        entry("f64", ElementType.F64, List.of(1L), 0x1a56e1fc2f8f359L),
                        entry("half", ElementType.F16, List.of(1L), 0x3c01),
                        entry("brain", ElementType.BF16, List.of(), 0x4049),
                        entry("long", ElementType.I64, List.of(1L, 1L), -7),
                        new Entry("none", ElementType.I32, List.of(0L, 3L), NOTHING)));
        Invocation done = export(mixed.toString(), "mixed.npz").assertDone();
        assertTrue(done.out().contains("1 of them were BF16"), done.out());
        Map<String, Npy> written = read("mixed.npz");
        assertEquals(1e-300, written.get("f64").data().getDouble());
        assertEquals(Npy.header("<f2", "(1,)"), written.get("half").header());
        assertEquals(0x3c01, written.get("half").data().getShort());
        assertEquals(Npy.header("<f4", "()"), written.get("brain").header());
        assertEquals(3.140625f, written.get("brain").data().getFloat());
        assertEquals(Npy.header("<i8", "(1, 1,)"), written.get("long").header());
        assertEquals(-7, written.get("long").data().getLong());
        assertEquals(Npy.header("<i4", "(0, 3,)"), written.get("none").header());
        assertFalse(written.get("none").data().hasRemaining());
    }

    /// One element by its bits.
    private static Entry entry(String name, ElementType dtype, List<Long> shape, long bits) {
        byte[] all =
                ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(bits)
                        .array();
        return new Entry(
                name, dtype, shape, MemorySegment.ofArray(Arrays.copyOf(all, dtype.bytes())));
    }

    @Test
    void aPatternSelectsAndEqualTensorsMakeEqualFiles() throws IOException {
        String source = GOLDEN.folder().toString();
        export(source, "one.npz", "--parameters", ".*norm.weight").assertDone();
        export(source, "two.npz", "--parameters", ".*norm.weight").assertDone();
        assertEquals(9, read("one.npz").size());
        assertEquals(-1, Files.mismatch(folder.resolve("one.npz"), folder.resolve("two.npz")));
    }

    @Test
    void refusesInOneLine() {
        String source = GOLDEN.folder().toString();
        export(source, "all.zip").assertOneLine(2, "--out: expected a name that ends in .npz");
        export(source, "all.npz", "--parameters", "nothing").assertOneLine(2, "matches none");
        export(folder.resolve("absent").toString(), "all.npz").assertOneLine(1, "absent");
    }
}
