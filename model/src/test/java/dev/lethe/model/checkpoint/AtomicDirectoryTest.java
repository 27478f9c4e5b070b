package dev.lethe.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicDirectoryTest {
    @TempDir private Path home;

    private Path written(String text) {
        Path target = home.resolve("target");
        AtomicDirectory.write(
                target, inside -> Files.writeString(inside.resolve("text"), text));
        return target;
    }

    private void assertHolds(String text) throws IOException {
        Path found = AtomicDirectory.find(home.resolve("target")).orElseThrow();
        assertEquals(text, Files.readString(found.resolve("text")));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(home)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void replacesAll() throws IOException {
        Files.writeString(written("old").resolve("other"), "gone");
        Path target = written("new");
        assertHolds("new");
        assertTrue(Files.notExists(target.resolve("other")));
        assertEquals(List.of("target"), names());
    }

    /// As on a full disk: half of the contents is there, the rest cannot be written.
    @Test
    void afterAFailureTheOldOneIsThere() throws IOException {
        Path target = written("old");
        CheckpointException full =
                assertThrows(
                        CheckpointException.class,
                        () ->
                                AtomicDirectory.write(
                                        target,
                                        inside -> {
                                            Files.writeString(inside.resolve("text"), "half");
                                            throw new FileSystemException(
                                                    "text", null, "No space left on device");
                                        }));
        assertEquals(
                target
                        + ": cannot write: expected a writable place, got No space left on device;"
                        + " check the directory, its rights and free space",
                full.getMessage());
        assertHolds("old");
        assertEquals(List.of("target"), names());
        IllegalStateException thrown = new IllegalStateException("of the content");
        assertSame(
                thrown,
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                AtomicDirectory.write(
                                        target,
                                        _ -> {
                                            throw thrown;
                                        })));
        assertHolds("old");
        assertEquals(List.of("target"), names());
    }

    @Test
    void deletesWithAllThatADeadWriterLeft() throws IOException {
        Path target = written("old");
        Files.createDirectory(home.resolve("target.previous"));
        Files.createDirectory(home.resolve("target.partial"));
        Files.createDirectory(home.resolve("target.other"));
        AtomicDirectory.delete(target);
        assertEquals(Optional.empty(), AtomicDirectory.find(target));
        assertEquals(List.of("target.other"), names());
        AtomicDirectory.delete(target);
        assertEquals(List.of("target.other"), names());
    }
}
