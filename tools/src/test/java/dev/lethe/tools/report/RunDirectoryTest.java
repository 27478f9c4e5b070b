package dev.lethe.tools.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

class RunDirectoryTest {
    @TempDir private Path runs;

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(runs)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> runs.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void nothingIsInPlaceUntilPublished() throws IOException {
        Files.createDirectories(runs.resolve("x"));
        Files.writeString(runs.resolve("x/results.csv"), "old");
        Files.writeString(runs.resolve("x/notes.txt"), "mine");
        try (RunDirectory directory = RunDirectory.open(runs, "x")) {
            directory.write("results.csv", "new");
            Files.writeString(directory.directory("models", "base").resolve("a"), "a");
            assertEquals("old", Files.readString(runs.resolve("x/results.csv")));
            directory.publish();
        }
        assertEquals(List.of("x/models/base/a", "x/notes.txt", "x/results.csv"), files());
        assertEquals("new", Files.readString(runs.resolve("x/results.csv")));
    }

    @Test
    void aRunThatFailsLeavesNothing() throws IOException {
        try (RunDirectory directory = RunDirectory.open(runs, "x")) {
            directory.write("results.csv", "half");
        }
        assertEquals(List.of(), files());
    }

    @Test
    void aPlaceThatIsAFileIsRefused() throws IOException {
        Path file = Files.writeString(runs.resolve("file"), "");
        assertThrows(UncheckedIOException.class, () -> RunDirectory.open(file, "x"));
    }
}
