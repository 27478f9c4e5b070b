package dev.lethe.kernels.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the matmul contract does not reach: what the library says of itself, and its files.
class OpenBlasTest {
    @BeforeEach
    void needsTheLibrary() {
        boolean linux = System.getProperty("os.name").equals("Linux");
        boolean x64 = System.getProperty("os.arch").equals("amd64");
        Assumptions.assumeTrue(linux && x64, "OpenBLAS on the class path is for Linux on x86-64");
        Assertions.assertNull(OpenBlas.failure());
    }

    @Test
    void saysWhatItIs() {
        Assertions.assertTrue(OpenBlas.config().startsWith("OpenBLAS 0.3."), OpenBlas.config());
        Assertions.assertFalse(OpenBlas.coreName().isBlank());
        String named = System.getenv("OPENBLAS_CORETYPE");
        boolean warned =
                new CpuBackend().warnings().stream().anyMatch(w -> w.contains("OPENBLAS_CORETYPE"));
        Assertions.assertEquals(named != null, warned);
    }

    /// Processes that start at once all end with the same whole file and no leavings.
    @Test
    void theFileIsExtractedOnce(@TempDir Path directory) throws Exception {
        List<Callable<Path>> starts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            starts.add(() -> OpenBlas.LIBRARY.extract("libquadmath.so.0", directory));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(starts.size())) {
            for (Future<Path> file : threads.invokeAll(starts)) {
                Assertions.assertEquals(directory.resolve("libquadmath.so.0"), file.get());
            }
        }
        Assertions.assertEquals(1, Files.list(directory).count());
        Path file = directory.resolve("libquadmath.so.0");
        long size = Files.size(file);
        Files.write(file, new byte[10]); // as after a full disk
        OpenBlas.LIBRARY.extract("libquadmath.so.0", directory);
        Assertions.assertEquals(size, Files.size(file));
    }

    @Test
    void aMissingFileIsNamed(@TempDir Path directory) {
        IOException e =
                Assertions.assertThrows(
                        IOException.class, () -> OpenBlas.LIBRARY.extract("libnone.so", directory));
        Assertions.assertTrue(e.getMessage().contains("libnone.so"), e.getMessage());
        Assertions.assertTrue(e.getMessage().contains("org.bytedeco:openblas"), e.getMessage());
    }
}
