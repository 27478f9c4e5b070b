package dev.lethe.bench;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// On a shell script that behaves as the launcher does.
@EnabledOnOs(value = OS.LINUX, disabledReason = "the launcher is played by a shell script")
class FirstStepTest {
    @TempDir Path folder;

    private FirstStep of(String script) throws IOException {
        Path launcher = Files.writeString(folder.resolve("launcher"), "#!/bin/sh\n" + script);
        assertTrue(launcher.toFile().setExecutable(true));
        return new FirstStep(launcher, List.of("demo"));
    }

    @Test
    void endsAtTheFirstLine() throws IOException {
        Path place = folder.resolve("place");
        FirstStep firstStep =
                of(
                        """
                        pwd >'%s'
                        mkdir -p runs/stages/one.part && touch runs/stages/one.lock
                        : >runs/stages/one.part/metrics.jsonl
                        sleep 0.3
                        echo "$1" >>runs/stages/one.part/metrics.jsonl
                        exec sleep 60
                        """
                                .formatted(place));
        double seconds = firstStep.seconds();
        assertTrue(seconds >= 0.3, () -> "an empty file was taken for a step: " + seconds);
        assertTrue(seconds < 60, () -> "waited for the end: " + seconds);
        assertFalse(Files.exists(Path.of(Files.readString(place).strip())));
    }

    @Test
    void aProcessThatEndsBeforeIsAnError() throws IOException {
        FirstStep firstStep = of("echo no room >&2; exit 3\n");
        IllegalStateException thrown =
                assertThrows(IllegalStateException.class, firstStep::seconds);
        assertTrue(thrown.getMessage().contains("exit code 3: no room"), thrown.getMessage());
    }
}
