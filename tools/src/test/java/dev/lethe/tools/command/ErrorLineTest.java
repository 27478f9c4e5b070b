package dev.lethe.tools.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.checkpoint.CheckpointException;
import dev.lethe.model.gemma2.ConfigException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;

class ErrorLineTest {
    @Test
    void configurationsAreRefusedAndFilesFail() {
        assertEquals(new ErrorLine("a", 2), ErrorLine.of(new ConfigException("a")));
        assertEquals(new ErrorLine("a", 2), ErrorLine.of(new RefusedException("a")));
        assertEquals(new ErrorLine("a", 1), ErrorLine.of(new CheckpointException("a")));
        assertEquals(new ErrorLine("a", 1), ErrorLine.of(new FailedException("a")));
    }

    @Test
    void isOneLineWhateverTheMessage() {
        assertEquals("a b c", ErrorLine.of(new FailedException("a\n  b\r\nc\n")).text());
    }

    @Test
    void filesAreNamed() {
        IOException denied = new AccessDeniedException("/some/file");
        for (Throwable thrown : new Throwable[] {denied, new UncheckedIOException(denied)}) {
            ErrorLine line = ErrorLine.of(thrown);
            assertEquals(1, line.exitCode());
            assertTrue(line.text().startsWith("/some/file: "), line.text());
            assertTrue(line.text().contains("AccessDenied"), line.text());
        }
    }

    @Test
    void exhaustedMemoryHasARemedy() {
        ErrorLine line = ErrorLine.of(new OutOfMemoryError("Java heap space"));
        assertEquals(1, line.exitCode());
        assertTrue(line.text().contains("smaller batch"), line.text());
    }

    @Test
    void defectsSaySo() {
        ErrorLine line = ErrorLine.of(new NullPointerException());
        assertEquals(1, line.exitCode());
        assertTrue(line.text().contains("NullPointerException"), line.text());
        assertTrue(line.text().contains("--debug"), line.text());
    }
}
