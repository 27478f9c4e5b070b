package dev.lethe.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A JVM that is told to end in the middle of a write, as SIGINT does, leaves the old file and
/// nothing beside it.
class InterruptedWriteTest {
    private static final int CODE = 130;

    @TempDir Path folder;

    /// What the other JVM runs.
    static final class Ending {
        private Ending() {}

        public static void main(String[] arguments) {
            AtomicFile.write(
                    Path.of(arguments[0]),
                    channel -> {
                        channel.write(ByteBuffer.wrap("half".getBytes()));
                        System.exit(CODE);
                    });
        }
    }

    @Test
    void leavesNothingBeside() throws Exception {
        Path target = folder.resolve("target");
        Files.writeString(target, "old");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Ending.class.getName(),
                                target.toString())
                        .inheritIO()
                        .start();
        assertEquals(CODE, process.waitFor());
        assertEquals("old", Files.readString(target));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(target), left.toList());
        }
    }
}
