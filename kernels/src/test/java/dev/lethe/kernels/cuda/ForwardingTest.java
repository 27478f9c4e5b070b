package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The column on libraries that are there only as CUDA 13 and cuDNN 9 have them, through the
/// forwarding libraries, in a process of its own: the simulated ones linked under newer names.
class ForwardingTest {
    private static final Path BUILD = Path.of("src/main/cuda-forward/build.sh").toAbsolutePath();

    @TempDir Path forwarders;

    private record Ended(int status, String output) {}

    private static Ended run(ProcessBuilder builder) throws Exception {
        Process process = builder.redirectErrorStream(true).start();
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }

    private Ended contracts(String tests, String driver, Path... folders) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CudaContractRun.class.getName(),
                        ".*\\.Cuda" + tests + "Test");
        builder.environment()
                .put(
                        CudaLibraries.VARIABLE,
                        String.join(":", List.of(folders).stream().map(Path::toString).toList()));
        builder.environment().put("SIMULATED_CUDA_DRIVER", driver);
        builder.environment().put("LETHE_REQUIRE", "simulated");
        return run(builder);
    }

    @Test
    void contractsHoldOnNewerLibraries() throws Exception {
        SimulatedDevice.require();
        Path simulated = CudaLibraries.search().getFirst().path().orElseThrow().getParent();
        Ended built = run(new ProcessBuilder("bash", BUILD.toString(), forwarders.toString()));
        assertEquals(0, built.status, built.output);
        Path newer = simulated.resolve("cuda13");
        assertTrue(Files.exists(newer.resolve("libcublas.so.13")), "the simulated CUDA 13");

        Ended held = contracts("(MatMul|Reduce)", "13000", newer, forwarders);
        assertEquals(0, held.status, held.output);
        String last = held.output.lines().reduce("", (_, line) -> line);
        assertTrue(last.matches("[1-9][0-9]+ passed, 0 failed"), held.output);

        Ended old = contracts("Memory", "12080", newer, forwarders);
        assertEquals(1, old.status, old.output);
        assertTrue(old.output.contains("up to 12.8, needed is 13.0; update"), old.output);

        Ended without = contracts("Memory", "13000", newer);
        assertEquals(1, without.status, without.output);
        assertTrue(without.output.contains("libcublas.so.12.forward"), without.output);
    }
}
