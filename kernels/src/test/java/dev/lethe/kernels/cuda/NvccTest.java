package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.lethe.engine.memory.DType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where NVIDIA's compiler is present, it takes every source for every element type and
/// architecture: g++ accepts more than it does.
class NvccTest {
    private static final DType[] ELEMENTS = {DType.F32, DType.F64, DType.BF16};

    @TempDir Path folder;

    @BeforeAll
    static void requireNvcc() throws Exception {
        int status = new ProcessBuilder("sh", "-c", "command -v nvcc").start().waitFor();
        Assumptions.assumeTrue(
                status == 0, "SKIPPED: there is no nvcc, so g++ alone has seen the kernels");
    }

    private void writeHeaders() throws Exception {
        for (int i = 0; i < KernelSource.HEADERS.size(); i++) {
            Path header = folder.resolve(KernelSource.HEADERS.get(i));
            Files.writeString(header, KernelSource.headerTexts().get(i));
        }
    }

    /// One compiler a processor: there are many kernels, and each takes seconds.
    @ParameterizedTest
    @ValueSource(ints = {80, 90, 120})
    void everySourceCompiles(int architecture) throws Exception {
        writeHeaders();
        List<Callable<Void>> all = new ArrayList<>();
        for (KernelSource source : KernelSourceTest.declared().values()) {
            Path file = Files.writeString(folder.resolve(source.fileName()), source.text());
            for (DType element : ELEMENTS) {
                all.add(
                        () -> {
                            compile(architecture, source, element, file);
                            return null;
                        });
            }
        }
        int processors = Runtime.getRuntime().availableProcessors();
        try (ExecutorService compilers = Executors.newFixedThreadPool(processors)) {
            for (Future<Void> one : compilers.invokeAll(all)) {
                one.get();
            }
        }
    }

    /// Whether or not a kernel uses it yet: all of `tensorcore.cuh`.
    @ParameterizedTest
    @ValueSource(ints = {80, 90, 120})
    void tensorCoreInstructionsCompile(int architecture) throws Exception {
        writeHeaders();
        KernelSource source = TensorCoreTest.SOURCE;
        Path file = Files.writeString(folder.resolve(source.fileName()), source.text());
        compile(architecture, source, DType.BF16, file);
    }

    private void compile(int architecture, KernelSource source, DType element, Path file)
            throws Exception {
        List<String> command = new ArrayList<>(List.of("nvcc", "-Werror", "all-warnings"));
        command.addAll(source.options(element));
        command.add("-arch=sm_" + architecture);
        Path out = Files.createTempFile(folder, source.family(), ".cubin");
        command.addAll(List.of("-cubin", "-o", out.toString()));
        command.add(file.toString());
        Process nvcc = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(nvcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, nvcc.waitFor(), () -> String.join(" ", command) + "\n" + output);
    }

    /// What this test is for: the real compiler knows no host functions in kernels.
    @Test
    void aHostFunctionIsRefused() throws Exception {
        Path file = folder.resolve("host.cu");
        Files.writeString(
                file,
                "static double host(double x) { return x; }\n"
                        + "extern \"C\" __global__ void k(double* y) { y[0] = host(1); }\n");
        Process nvcc =
                new ProcessBuilder(
                                "nvcc",
                                "-arch=sm_90",
                                "-cubin",
                                "-o",
                                folder.resolve("host.cubin").toString(),
                                file.toString())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(nvcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertNotEquals(0, nvcc.waitFor(), output);
    }
}
