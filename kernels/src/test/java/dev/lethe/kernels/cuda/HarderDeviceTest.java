package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The contracts again with threads and blocks in the opposite order, work delayed until someone
/// waits for it, and every buffer handed out full of NaN.
class HarderDeviceTest {
    /// Fewer would mean that the child did not find the contracts.
    private static final int LEAST_TESTS = 500;

    @Test
    void contractsHoldBackwardsAndLateAndPoisoned() throws Exception {
        SimulatedDevice.require();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("--add-modules", "jdk.incubator.vector")); // of the CPU's kernels
        command.add("-Dlethe.poison=true");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(CudaContractRun.class.getName());
        command.add(".*\\.Cuda(?!Memory|Backend|Libraries)\\w+Test");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SIMT_ORDER", "1");
        builder.environment().put("SIMULATED_CUDA_LAZY", "1");
        Process process = builder.start();
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        String last = output.lines().reduce("", (_, line) -> line);
        assertTrue(last.endsWith(" passed, 0 failed"), output);
        int passed = Integer.parseInt(last.substring(0, last.indexOf(' ')));
        assertTrue(passed >= LEAST_TESTS, "only " + last);
    }
}
