package dev.lethe.tools.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.pipeline.StageListener;
import dev.lethe.model.pipeline.StageRunner;
import dev.lethe.tools.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A study killed with SIGKILL again and again ends in the files of one that never was.
class KilledStudyTest {
    private static final int KILLS = 12;

    @TempDir private Path directory;

    @Test
    void killsDoNotChangeABit() throws Exception {
        Path killed = directory.resolve("killed");
        SplittableRandom random = new SplittableRandom(20260101);
        List<String> begun = new ArrayList<>();
        for (int i = 0; i < KILLS; i++) {
            kill(killed, random.nextInt(25), random.nextInt(10), begun);
        }
        long goingOn = begun.stream().filter(line -> !line.startsWith("begin 0 ")).count();
        assertTrue(goingOn >= KILLS / 2, "too few went on from a checkpoint: " + begun);
        ChildJvm.Result last = ChildJvm.run(List.of(), SmallStudy.class, killed.toString());
        assertEquals(0, last.exitCode(), last.output());

        Path whole = directory.resolve("whole");
        SmallStudy.run(whole, SmallStudy.ENDS, StageRunner.EVERY, 1, StageListener.NONE);
        assertEquals(6, files(whole).stream().filter(file -> file.endsWith("DONE")).count());
        assertEquals(files(whole), files(killed));
        for (Path file : files(whole)) {
            long at = Files.mismatch(whole.resolve(file), killed.resolve(file));
            assertEquals(-1, at, file.toString());
        }
    }

    /// Starts the study, lets it print some lines and run a moment longer, and kills it. What it
    /// has finished by then is whole.
    private static void kill(Path root, int lines, int milliseconds, List<String> begun)
            throws IOException, InterruptedException {
        Process process = ChildJvm.start(List.of(), SmallStudy.class, root.toString());
        try (BufferedReader output = process.inputReader()) {
            for (int i = 0; i < lines; i++) {
                String line = SmallStudy.nextLine(output);
                assertTrue(
                        line != null && !line.equals("end"),
                        "it ended before it was killed: " + line);
                if (line.startsWith("begin")) {
                    begun.add(line);
                }
            }
            Thread.sleep(milliseconds);
            process.destroyForcibly();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(128 + 9, process.exitValue(), "it ended before it was killed");
        }
        for (Path file : Files.exists(root) ? files(root) : List.<Path>of()) {
            Path stage = root.resolve(file.getName(0));
            boolean finished = file.getNameCount() > 1 && !stage.toString().endsWith(".part");
            assertFalse(finished && !Files.exists(stage.resolve("DONE")), stage + " is no whole");
        }
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).map(root::relativize).sorted().toList();
        }
    }
}
