package dev.lethe.kernels.cpu;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/// The same bits compiled and interpreted, on one thread and on several.
class BitsTest {
    /// A machine of its own starts interpreting; with these options it has compiled everything
    /// after some hundred calls, and waits for the compiler instead of racing it.
    @Test
    void compiledAndInterpretedAgree() throws Exception {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:-BackgroundCompilation",
                        "-XX:Tier3DelayOn=0",
                        "-XX:Tier4InvocationThreshold=150",
                        "-XX:Tier4MinInvocationThreshold=50",
                        "-XX:Tier4CompileThreshold=200",
                        "-XX:+PrintCompilation",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BitsProbe.class.getName(),
                        "600");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Assertions.assertEquals(0, process.waitFor(), printed);
        for (Class<?> loops : CompilerDirectives.LOOPS) {
            String byC2 = "(?s).* 4 +" + loops.getName().replace(".", "\\.") + "::.*";
            Assertions.assertTrue(printed.matches(byC2), () -> loops + " was never compiled");
        }
        Assertions.assertTrue(printed.contains("same bits 600 of 600"), printed);
    }

    /// Kernels share nothing but their scratch, which each thread has to itself.
    @Test
    void threadsDoNotDisturbEachOther() throws Exception {
        List<Callable<Long>> probes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            probes.add(
                    () -> {
                        try (CpuBackend backend = new CpuBackend();
                                BitsProbe probe = new BitsProbe(backend)) {
                            long first = probe.run();
                            for (int j = 0; j < 50; j++) {
                                Assertions.assertEquals(first, probe.run());
                            }
                            return first;
                        }
                    });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(probes.size())) {
            List<Future<Long>> sums = threads.invokeAll(probes);
            for (Future<Long> sum : sums) {
                Assertions.assertEquals(sums.getFirst().get(), sum.get());
            }
        }
    }
}
