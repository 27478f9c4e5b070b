package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Arguments are checked before a launch, and sources are compiled once a type and machine.
class KernelLauncherTest {
    private static final KernelSource SOURCE = CudaElementwise.SOURCE;

    @TempDir Path folder;
    private CudaBackend backend;
    private CudaDevice device;
    private KernelLauncher launcher;

    @BeforeEach
    void open() {
        backend = TestedDevice.open();
        device = new CudaDevice();
        launcher = new KernelLauncher(device, new PtxCache(folder));
    }

    @AfterEach
    void close() {
        launcher.close();
        device.close();
        backend.close();
    }

    private void refused(String reason, Object... arguments) {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        launcher.launch(
                                                SOURCE.kernel("elementwise_affine"),
                                                DType.F32,
                                                Grid.over(8),
                                                arguments))
                        .getMessage();
        assertTrue(message.contains(reason), message);
        assertTrue(message.startsWith("elementwise_affine("), message);
        assertEquals(1, message.lines().count(), message);
    }

    @Test
    void wrongArgumentsAreRefused() {
        try (TensorArena step = backend.openStep()) {
            Buffer x = step.allocate(DType.F32, 8);
            Buffer wide = step.allocate(DType.F64, 8);
            refused("takes 5 arguments, got 4", 1.0, 0.0, x, x);
            refused("takes 5 arguments, got 6", 1.0, 0.0, x, x, 8L, 8L);
            refused("argument 4 must be long long n, got 8 (Integer)", 1.0, 0.0, x, x, 8);
            refused("argument 0 must be accumulator scale", 1f, 0.0, x, x, 8L);
            refused("argument 2 must be const element* x, got [8] F64", 1.0, 0.0, wide, x, 8L);
            refused("argument 3 must be element* y, got null", 1.0, 0.0, x, null, 8L);
            refused("got scratch", 1.0, 0.0, x, new DeviceAddress(64), 8L);
        }
    }

    @Test
    void aKernelThatDoesNotExistIsRefused() {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> SOURCE.kernel("elementwise_nothing"))
                        .getMessage();
        assertTrue(message.contains("elementwise.cu has no kernel elementwise_nothing"), message);
    }

    private void fill() {
        try (TensorArena step = backend.openStep()) {
            Buffer y = step.allocate(DType.F32, 8);
            launcher.launch(
                    SOURCE.kernel("elementwise_fill"), DType.F32, Grid.over(8), 2.0, y, 8L);
            device.synchronize("fill");
        }
    }

    @Test
    void whatTheDriverRefusesIsCompiledAgain() throws Exception {
        fill();
        List<Path> kept = files();
        assertEquals(1, kept.size());
        Path file = kept.getFirst();
        String good = Files.readString(file);
        // A whole file by its checksum, but no kernel.
        new PtxCache(folder).put(file.getFileName().toString().replace(".ptx", ""), "no PTX");
        launcher.close();
        fill();
        assertEquals(good, Files.readString(file));
        assertEquals(1, files().size());
    }

    private List<Path> files() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
