package dev.lethe.tools.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.tools.Lethe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    @TempDir private Path directory;

    private int run(String... arguments) {
        return Lethe.run(arguments, new PrintStream(out), new PrintStream(err));
    }

    @Test
    void languageComesLater() {
        assertEquals(2, run("demo", "language"));
        assertEquals(
                "lethe: demo: expected arithmetic, got language, which comes with a later version;"
                        + " run lethe demo arithmetic",
                err.toString().strip());
    }

    @Test
    void refusesUnknownDomains() {
        assertEquals(2, run("demo", "arithmetics"));
        assertEquals(1, err.toString().lines().count());
        assertTrue(err.toString().contains("arithmetic"), err.toString());
    }

    @Test
    void refusesNoSeeds() {
        assertEquals(2, run("demo", "--seeds", "0"));
        assertTrue(err.toString().contains("--seeds: expected at least 1, got 0"), err.toString());
    }

    @Test
    void aPlaceThatCannotBeWrittenFailsBeforeAnyWork() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertEquals(1, run("demo", "--runs", file.toString()));
        assertEquals(1, err.toString().lines().count(), err.toString());
        assertTrue(err.toString().contains("file"), err.toString());
    }
}
