package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PtxCacheTest {
    private static final int ROUNDS = 300;

    @TempDir Path folder;

    @Test
    void keepsAText() {
        PtxCache cache = new PtxCache(folder.resolve("new"));
        assertEquals(Optional.empty(), cache.get("a"));
        cache.put("a", "text\nof two lines\n");
        assertEquals(Optional.of("text\nof two lines\n"), cache.get("a"));
        cache.put("a", "");
        assertEquals(Optional.of(""), cache.get("a"));
    }

    @Test
    void aDamagedFileIsAbsent() throws Exception {
        PtxCache cache = new PtxCache(folder);
        cache.put("a", "a text that is cut short");
        Path file = folder.resolve("a.ptx");
        byte[] whole = Files.readAllBytes(file);
        for (int length : new int[] {0, 1, 64, 65, 70, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertEquals(Optional.empty(), cache.get("a"), "cut to " + length);
        }
        whole[whole.length - 3] ^= 1;
        Files.write(file, whole);
        assertEquals(Optional.empty(), cache.get("a"));
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 10, 3});
        assertEquals(Optional.empty(), cache.get("a"));
        cache.put("a", "anew");
        assertEquals(Optional.of("anew"), cache.get("a"));
    }

    @Test
    void aFolderThatCannotBeWrittenIsNoFailure() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        PtxCache cache = new PtxCache(file);
        cache.put("a", "text");
        assertEquals(Optional.empty(), cache.get("a"));
    }

    @Test
    void keysTellPartsApart() {
        assertNotEquals(PtxCache.key("k", "ab", "c"), PtxCache.key("k", "a", "bc"));
        assertEquals(PtxCache.key("k", "ab", "c"), PtxCache.key("k", "ab", "c"));
    }

    @Test
    void theFolderIsTheUsersOrNamed() {
        PtxCache named = PtxCache.ofUser(Map.of("LETHE_PTX_CACHE", folder.toString()));
        named.put("a", "text");
        assertTrue(Files.exists(folder.resolve("a.ptx")));
        assertEquals(
                folder.resolve("lethe"),
                CudaLibraries.userCache(Map.of("XDG_CACHE_HOME", folder.toString())));
    }

    /// Two processes write one key over and over; a reader sees one's text or the other's, whole.
    @Test
    void twoProcessesDoNotDisturbEachOther() throws Exception {
        List<Process> writers = new ArrayList<>();
        for (String letter : List.of("a", "b")) {
            writers.add(
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    Writer.class.getName(),
                                    folder.toString(),
                                    letter)
                            .redirectErrorStream(true)
                            .start());
        }
        PtxCache cache = new PtxCache(folder);
        boolean seen = false;
        while (writers.stream().anyMatch(Process::isAlive)) {
            boolean written = seen;
            Optional<String> text = cache.get("key");
            assertTrue(text.isPresent() || !written, "a text that was there has gone");
            text.ifPresent(PtxCacheTest::requireWhole);
            seen |= text.isPresent();
        }
        for (Process writer : writers) {
            String output =
                    new String(writer.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, writer.waitFor(), output);
        }
        requireWhole(cache.get("key").orElseThrow());
        assertFalse(Files.list(folder).anyMatch(file -> file.toString().endsWith(".new")));
    }

    private static void requireWhole(String text) {
        assertEquals(Writer.LENGTH, text.length());
        assertEquals(1, text.chars().distinct().count());
    }

    /// Another process.
    static final class Writer {
        static final int LENGTH = 100_000;

        public static void main(String[] args) {
            PtxCache cache = new PtxCache(Path.of(args[0]));
            for (int i = 0; i < ROUNDS; i++) {
                cache.put("key", args[1].repeat(LENGTH));
            }
        }
    }
}
