package dev.lethe.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The contracts again where the machine is lesser: narrower vectors, fewer libraries.
class FallbackTest {
    /// Fewer would mean that the child did not find the contracts.
    private static final int LEAST_TESTS = 60;

    @Test
    void contractsHoldOnAvx2() throws Exception {
        String output = contracts("-XX:UseAVX=2");
        assertTrue(output.contains("vectors of 256 bits"), output);
    }

    @Test
    void contractsHoldWithoutOpenBlas() throws Exception {
        String output = contracts("-Dlethe.blas=off");
        assertTrue(output.contains("Vector API"), output);
    }

    @Test
    void contractsHoldWithoutOneDnn() throws Exception {
        String output = contracts("-Dlethe.blas=openblas");
        assertTrue(output.contains("OpenBLAS") && !output.contains("oneDNN 3"), output);
    }

    private static String contracts(String flag) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--add-modules=jdk.incubator.vector");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add(flag);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(ContractRun.class.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        String last = output.lines().reduce("", (_, line) -> line);
        assertTrue(last.endsWith(" passed, 0 failed"), output);
        int passed = Integer.parseInt(last.substring(0, last.indexOf(' ')));
        assertTrue(passed >= LEAST_TESTS, "only " + last);
        return output;
    }
}
