package dev.lethe.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.bench.Bench;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `gpu-check` in a process of its own: without a GPU, and on the simulated device.
class GpuCheckTest {
    private static final Path SIMULATED =
            Path.of("../kernels/target/simulated-cuda").toAbsolutePath().normalize();

    @TempDir Path folder;

    private record Ended(int status, String output) {}

    private Ended check(String libraries, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("gpu-check", "--runs", folder.toString()));
        all.addAll(Arrays.asList(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(
                        Child.java(
                                System.getProperty("java.class.path"),
                                Bench.class.getName(),
                                all.toArray(String[]::new)));
        builder.environment().put("LETHE_CUDA_LIBRARIES", libraries);
        builder.environment()
                .put("XDG_CACHE_HOME", Path.of("target", "cache").toAbsolutePath().toString());
        Process process = builder.redirectErrorStream(true).start();
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .replaceFirst("WARNING: Using incubator modules.*\\R", "");
        return new Ended(process.waitFor(), output);
    }

    @Test
    void withoutAGpuItSaysSoInOneLine() throws Exception {
        Ended ended = check("");
        Assumptions.assumeTrue(ended.output.startsWith("no GPU: "), "SKIPPED: there is a GPU");
        assertEquals(1, ended.status);
        assertEquals(1, ended.output.lines().count(), ended.output);
        assertTrue(ended.output.contains("install the NVIDIA driver"), ended.output);
    }

    @Test
    void anUnknownPartIsRefused() throws Exception {
        Ended ended = check("", "--part", "gold");
        assertEquals(1, ended.status);
        assertTrue(ended.output.contains("--part: expected one of [contracts"), ended.output);
    }

    @Test
    void aPartRunsOnTheSimulatedDeviceOnce() throws Exception {
        boolean there = Files.exists(SIMULATED.resolve("libcuda.so.1"));
        String asked = System.getenv().getOrDefault("LETHE_REQUIRE", "");
        if (!Arrays.asList(asked.split(",")).contains("simulated")) {
            Assumptions.assumeTrue(there, "SKIPPED: there is no simulated device; it needs g++");
        }
        Ended first = check(SIMULATED.toString(), "--part", "train-0.1b");
        assertEquals(0, first.status, first.output);
        assertTrue(first.output.contains("cuda (simulated): "), first.output);
        assertTrue(first.output.contains("train-0.1b    passed in "), first.output);
        assertTrue(first.output.contains("smaller than on a GPU: 5 steps"), first.output);
        Ended second = check(SIMULATED.toString(), "--part", "train-0.1b");
        assertEquals(0, second.status, second.output);
        assertTrue(second.output.contains("train-0.1b    passed (before)"), second.output);
        Path report = folder.resolve("gpu-check/simulated-cuda-device/report.md");
        String text = Files.readString(report);
        assertTrue(text.startsWith("# Simulated CUDA device (`cuda (simulated)`)"), text);
        assertTrue(text.contains("| | last loss |"), text);
        assertFalse(text.contains("| fails |"), text);
    }

    /// A process that dies fails its part and is told by its last words.
    @Test
    void aPartThatDiesIsReported() throws Exception {
        Child child =
                Child.run(
                        new ProcessBuilder("sh", "-c", "echo last words; kill -9 $$"),
                        folder.resolve("log"),
                        Setting.LIMIT);
        assertEquals(137, child.status());
        assertTrue(child.ending().startsWith("ended with status 137: last words"), child.ending());
        Child slow =
                Child.run(
                        new ProcessBuilder("sleep", "60"),
                        folder.resolve("log"),
                        Duration.ofMillis(200));
        assertEquals(Child.OUT_OF_TIME, slow.status());
    }
}
