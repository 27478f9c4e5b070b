package dev.lethe.model.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.gemma2.Gemma2;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that saves without pause is killed (SIGKILL) again and again; each time the checkpoint
/// is whole, and none that was acknowledged is lost.
class KilledWriterTest {
    private static final int KILLS = 6;

    @TempDir private Path home;

    @Test
    void leavesAWholeCheckpoint() throws IOException, InterruptedException {
        Path directory = home.resolve("checkpoint");
        SplittableRandom random = new SplittableRandom(1);
        long stored = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            long acknowledged = killAfter(directory, random.nextLong(1, 60));
            long found = load(directory);
            assertTrue(
                    acknowledged > stored && (found == acknowledged || found == acknowledged + 1),
                    "stored %d, acknowledged %d, found %d".formatted(stored, acknowledged, found));
            stored = found;
        }
    }

    /// The last number that the process printed.
    private long killAfter(Path directory, long milliseconds)
            throws IOException, InterruptedException {
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        Process child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                classPath,
                                SavingLoop.class.getName(),
                                directory.toString())
                        .redirectError(home.resolve("errors").toFile())
                        .start();
        try (BufferedReader printed = child.inputReader()) {
            String last = printed.readLine();
            TimeUnit.MILLISECONDS.sleep(milliseconds);
            // Unlike the process itself, its handle leaves what was printed readable.
            child.toHandle().destroyForcibly();
            for (String line = printed.readLine(); line != null; line = printed.readLine()) {
                last = line;
            }
            assertEquals(128 + 9, child.waitFor(), Files.readString(home.resolve("errors")));
            return Long.parseLong(last);
        }
    }

    private static long load(Path directory) {
        try (ReferenceBackend backend = new ReferenceBackend();
                Gemma2 model = Gemma2.allocate(TinyGemma2.CONFIG, backend, DType.F32);
                TrainerState state = TrainingCheckpoint.load(directory, model)) {
            assertEquals(state.steps(), state.tokens());
            assertEquals(state.steps(), state.optimizer().steps());
            for (Parameters parameters :
                    new Parameters[] {
                        model.parameters(), state.optimizer().m(), state.optimizer().v()
                    }) {
                for (String name : parameters.names()) {
                    float[] values = parameters.get(name).toFloats();
                    float[] expected = new float[values.length];
                    Arrays.fill(expected, state.steps());
                    assertArrayEquals(expected, values, name);
                }
            }
            return state.steps();
        }
    }
}
