package dev.lethe.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/// Written files: their exact bytes, their return, and nothing left behind where writing fails.
class SafeTensorsWriterTest {
    @TempDir private Path directory;

    private static Entry floats(String name, float... values) {
        return new Entry(
                name,
                ElementType.F32,
                List.of((long) values.length),
                MemorySegment.ofArray(values));
    }

    private static Entry longs(String name, long... values) {
        return new Entry(
                name,
                ElementType.I64,
                List.of((long) values.length),
                MemorySegment.ofArray(values));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void writesExactlyTheseBytes() throws IOException {
        Path file = directory.resolve("a.safetensors");
        SafeTensorsWriter.write(
                file, List.of(floats("f", 1f, 2f, 3f), longs("é", 7)), Map.of("z", "1", "a", "2"));
        String json =
                """
                {"__metadata__":{"format":"pt","a":"2","z":"1"},\
                "é":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},\
                "f":{"dtype":"F32","shape":[3],"data_offsets":[8,20]}}\
                """;
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        int padded = (header.length + 7) / 8 * 8;
        ByteBuffer expected = ByteBuffer.allocate(8 + padded + 20).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(padded).put(header);
        while (expected.position() < 8 + padded) expected.put((byte) ' ');
        expected.putLong(7).putFloat(1f).putFloat(2f).putFloat(3f);
        assertArrayEquals(expected.array(), Files.readAllBytes(file));
        assertEquals(List.of("a.safetensors"), files());
    }

    @Test
    void padsEveryHeaderToEight() throws IOException {
        String name = "";
        for (int i = 0; i < 9; i++) {
            name += "n";
            Path file = directory.resolve("padded.safetensors");
            SafeTensorsWriter.write(file, List.of(floats(name, 1f)));
            assertEquals(0, (Files.size(file) - 4) % 8);
            try (SafeTensors read = SafeTensors.open(file)) {
                assertArrayEquals(new float[] {1f}, read.toFloats(name));
            }
        }
    }

    @Test
    void roundTripIsBitwiseForEveryType() throws IOException {
        Random random = new Random(1);
        List<Entry> entries = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            for (ElementType type : ElementType.values()) {
                // More than one chunk of the writer, and an odd length.
                byte[] bytes = new byte[type.bytes() * 3 * 100_003];
                random.nextBytes(bytes);
                MemorySegment segment =
                        arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
                entries.add(new Entry("t." + type, type, List.of(3L, 100_003L), segment));
            }
            entries.add(new Entry("scalar", ElementType.F64, List.of(), arena.allocate(8)));
            entries.add(new Entry("empty", ElementType.F32, List.of(2L, 0L), arena.allocate(0)));
            Path file = directory.resolve("all.safetensors");
            SafeTensorsWriter.write(file, entries);
            try (SafeTensors read = SafeTensors.open(file)) {
                assertEquals(entries.size(), read.names().size());
                for (Entry entry : entries) {
                    Entry back = read.entry(entry.name(), entry.shape());
                    assertEquals(entry.dtype(), back.dtype());
                    assertEquals(-1, entry.bytes().mismatch(back.bytes()), entry.name());
                }
                Path again = directory.resolve("again.safetensors");
                SafeTensorsWriter.write(again, read.names().stream().map(read::entry).toList());
                assertEquals(-1, Files.mismatch(file, again));
            }
        }
    }

    @Test
    void replacesTheFileThatItReadsFrom() throws IOException {
        Path file = directory.resolve("self.safetensors");
        SafeTensorsWriter.write(file, List.of(floats("a", 1f), floats("b", 2f)));
        try (SafeTensors read = SafeTensors.open(file)) {
            SafeTensorsWriter.write(file, List.of(read.entry("b")));
            assertArrayEquals(new float[] {1f}, read.toFloats("a"));
        }
        try (SafeTensors read = SafeTensors.open(file)) {
            assertEquals(List.of("b"), read.names());
            assertArrayEquals(new float[] {2f}, read.toFloats("b"));
        }
    }

    @Test
    void refusesNamesItCannotWrite() throws IOException {
        Path file = directory.resolve("names.safetensors");
        assertWords(file, List.of(floats("a", 1), floats("a", 2)), "tensor `a` twice");
        assertWords(file, List.of(floats("__metadata__", 1)), "`__metadata__`", "reserved");
        assertWords(file, List.of(floats("\uD800", 1)), "lone surrogate");
        assertEquals(List.of(), files());
    }

    @Test
    void refusesEntriesWhoseShapeBeliesTheirBytes() {
        MemorySegment four = MemorySegment.ofArray(new float[4]);
        String message =
                assertThrows(
                                CheckpointException.class,
                                () -> new Entry("a", ElementType.F32, List.of(3L), four))
                        .getMessage();
        assertTrue(message.contains("F32 [3] takes 12 bytes, got 16"), message);
    }

    @Test
    void refusesPlacesItCannotWrite() throws IOException {
        Files.writeString(directory.resolve("plain"), "x");
        List<Entry> entries = List.of(floats("a", 1));
        assertWords(directory.resolve("none/a.safetensors"), entries, "cannot write", "NoSuchFile");
        assertWords(
                directory.resolve("plain/a.safetensors"),
                entries,
                "cannot write",
                "Not a directory");
        assertWords(directory, entries, "cannot write", "got a directory");
        assertWords(Path.of("/"), entries, "cannot write", "got a directory");
        assertEquals(List.of("plain"), files());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void leavesNothingWhenWritingFails(boolean existing) throws IOException {
        Path file = directory.resolve("kept.safetensors");
        if (existing) Files.writeString(file, "before");
        Arena arena = Arena.ofConfined();
        Entry dead = new Entry("dead", ElementType.F32, List.of(2L), arena.allocate(8));
        arena.close();
        assertThrows(
                IllegalStateException.class,
                () -> SafeTensorsWriter.write(file, List.of(floats("a", 1), dead)));
        assertEquals(existing ? List.of("kept.safetensors") : List.of(), files());
        if (existing) assertEquals("before", Files.readString(file));
    }

    @Test
    void leavesNothingWhenTheDeviceFails() throws IOException {
        Path file = directory.resolve("full.safetensors");
        String message =
                assertThrows(
                                CheckpointException.class,
                                () ->
                                        AtomicFile.write(
                                                file,
                                                channel -> {
                                                    channel.write(ByteBuffer.allocate(10));
                                                    throw new IOException(
                                                            "No space left on device");
                                                }))
                        .getMessage();
        assertTrue(message.startsWith(file + ": cannot write"), message);
        assertTrue(message.contains("No space left on device"), message);
        assertEquals(List.of(), files());
    }

    /// A rename would put a file in its place: for root even in that of a device.
    @Test
    void neverReplacesWhatIsNoFile() throws IOException {
        Path socket = directory.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            assertWords(socket, List.of(floats("a", 1)), "cannot write", "regular file");
            assertFalse(Files.isRegularFile(socket));
            assertEquals(List.of("socket"), files());
        }
    }

    private static void assertWords(Path file, List<Entry> entries, String... words) {
        String message =
                assertThrows(
                                CheckpointException.class,
                                () -> SafeTensorsWriter.write(file, entries))
                        .getMessage();
        assertTrue(message.startsWith(file + ": "), message);
        assertEquals(1, message.lines().count(), message);
        for (String word : words) {
            assertTrue(message.contains(word), () -> "`%s` lacks `%s`".formatted(message, word));
        }
    }
}
