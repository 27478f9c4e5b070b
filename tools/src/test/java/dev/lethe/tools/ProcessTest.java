package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What only a process of its own shows: exit codes, streams, locale, environment, signals.
class ProcessTest {
    private static final Map<String, String> NOTHING = Map.of();

    @TempDir Path folder;

    private String[] gradients(GoldenCase golden, String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "gradients",
                                "--checkpoint",
                                golden.folder().toString(),
                                "--batch",
                                golden.file("inputs.safetensors").toString(),
                                "--out",
                                folder.resolve("out.safetensors").toString()));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    /// Less what the JVM itself says about its incubating module.
    private static List<String> lines(Invocation invocation) {
        return invocation.err().lines().filter(line -> !line.startsWith("WARNING: ")).toList();
    }

    @Test
    void numbersHaveADecimalPointInEveryLocale() throws Exception {
        List<String> german = List.of("-Duser.language=de", "-Duser.country=DE");
        Invocation doctor = Invocation.inChild(NOTHING, german, "doctor").assertDone();
        assertTrue(doctor.out().matches("(?s).*memory +\\d+\\.\\d GiB.*"), doctor.out());
        List<String> arabic = List.of("-Duser.language=ar", "-Duser.country=EG");
        Invocation json =
                Invocation.inChild(
                                NOTHING,
                                arabic,
                                gradients(GoldenCase.A_tiny, "--loss", "ce", "--json"))
                        .assertDone();
        double loss = new JsonMapper().readTree(json.out()).path("loss").doubleValue();
        assertEquals(7.677123578354303, loss, 1e-9);
    }

    @Test
    void exitCodesReachTheShell() throws Exception {
        Invocation refused = Invocation.inChild(NOTHING, List.of(), "doctor", "--threads", "0");
        assertEquals(2, refused.exitCode());
        assertEquals(1, lines(refused).size(), refused.err());
        Path nowhere = folder.resolve("nowhere");
        Invocation failed =
                Invocation.inChild(
                        NOTHING,
                        List.of(),
                        gradients(
                                GoldenCase.A_tiny,
                                "--loss",
                                "kl",
                                "--teacher",
                                nowhere.toString()));
        assertEquals(1, failed.exitCode(), failed.err());
        assertEquals("", failed.out());
        assertTrue(lines(failed).getLast().contains("nowhere"), failed.err());
    }

    @Test
    void aForcedBlasCoreIsOneLineUnlessQuiet() throws Exception {
        Map<String, String> forced = Map.of("OPENBLAS_CORETYPE", "Haswell");
        String[] plain = gradients(GoldenCase.A_tiny, "--loss", "ce", "--device", "cpu", "--json");
        Invocation told = Invocation.inChild(forced, List.of(), plain).assertDone();
        assertEquals(
                1,
                told.err().lines().filter(line -> line.contains("OPENBLAS_CORETYPE")).count(),
                told.err());
        assertEquals(1, told.out().lines().count());
        Invocation quiet =
                Invocation.inChild(
                                forced,
                                List.of(),
                                Stream.concat(Stream.of(plain), Stream.of("--quiet"))
                                        .toArray(String[]::new))
                        .assertDone();
        assertEquals(List.of(), lines(quiet));
    }

    /// The signal goes out once the device is open, long before a minute's worth of work is done.
    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "needs env --default-signal of GNU coreutils")
    void interruptedIs130AndLeavesNothing() throws Exception {
        Path batch = folder.resolve("long.safetensors");
        int[] ids = new int[512 * 64];
        Arrays.fill(ids, 5);
        SampleFiles.edited(
                GoldenCase.B_wide.file("inputs.safetensors"),
                batch,
                entry ->
                        entry.name().equals("main.input_ids")
                                ? Stream.of(
                                        SampleFiles.integers(entry.name(), List.of(512L, 64L), ids))
                                : Stream.empty());
        // A shell that put the tests into the background may have them ignore the signal.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(
                Invocation.childCommand(
                        List.of(),
                        List.of(
                                "gradients",
                                "--checkpoint",
                                GoldenCase.B_wide.folder().toString(),
                                "--batch",
                                batch.toString(),
                                "--loss",
                                "ce",
                                "--hvp",
                                GoldenCase.B_wide.file("hvp.safetensors").toString(),
                                "--device",
                                "reference",
                                "--out",
                                folder.resolve("out.safetensors").toString())));
        Process process = new ProcessBuilder(command).start();
        try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
            String line = err.readLine();
            while (line != null && !line.startsWith("lethe: device reference")) {
                line = err.readLine();
            }
            assertTrue(line != null, "ended before it opened the device");
            interrupt(process);
            assertEquals(130, process.waitFor());
        } finally {
            process.destroyForcibly();
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(batch), left.toList());
        }
    }

    private static void interrupt(Process process) throws IOException, InterruptedException {
        int code =
                new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        assertEquals(0, code);
    }
}
