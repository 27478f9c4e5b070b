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

/// What the matmul contract does not reach: the library's files, and matrices inside larger ones.
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

    /// Heads of `[T, H, D]` are matrices with a stride; what lies between must stay.
    @Test
    void leadingDimensionsLeaveTheRestAlone() {
        for (Gemm gemm : List.of(OpenBlas.available().orElseThrow(), new VectorGemm())) {
            for (int transposed = 0; transposed < 4; transposed++) {
                strided(gemm, (transposed & 1) != 0, (transposed & 2) != 0);
            }
        }
    }

    private static void strided(Gemm gemm, boolean transposeA, boolean transposeB) {
        int m = 7;
        int n = 5;
        int k = 11;
        int ld = 29;
        int size = 11 * ld;
        long a = new Scratch().bytes(3L * size * Float.BYTES);
        long b = a + (long) size * Float.BYTES;
        long c = b + (long) size * Float.BYTES;
        for (int i = 0; i < size; i++) {
            F32.set(a, i, i % 7 - 3);
            F32.set(b, i, i % 5 - 2);
            F32.set(c, i, Float.NaN); // not read without accumulate
        }
        gemm.f32(transposeA, transposeB, m, n, k, a, ld, b, ld, false, c, ld);
        gemm.f32(transposeA, transposeB, m, n, k, a, ld, b, ld, true, c, ld);
        for (int i = 0; i < size; i++) {
            int row = i / ld;
            int column = i % ld;
            if (row < m && column < n) {
                float sum = 0; // of small integers: exact
                for (int p = 0; p < k; p++) {
                    float left = F32.get(a, transposeA ? p * ld + row : row * ld + p);
                    float right = F32.get(b, transposeB ? column * ld + p : p * ld + column);
                    sum += left * right;
                }
                Assertions.assertEquals(2 * sum, F32.get(c, i), gemm.description());
            } else {
                Assertions.assertTrue(Float.isNaN(F32.get(c, i)), "written beside the matrix");
            }
        }
    }

    /// Processes that start at once all end with the same whole file and no leavings.
    @Test
    void theFileIsExtractedOnce(@TempDir Path directory) throws Exception {
        List<Callable<Path>> starts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            starts.add(() -> OpenBlasLibrary.extract("libquadmath.so.0", directory));
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
        OpenBlasLibrary.extract("libquadmath.so.0", directory);
        Assertions.assertEquals(size, Files.size(file));
    }

    @Test
    void aMissingFileIsNamed(@TempDir Path directory) {
        IOException e =
                Assertions.assertThrows(
                        IOException.class, () -> OpenBlasLibrary.extract("libnone.so", directory));
        Assertions.assertTrue(e.getMessage().contains("libnone.so"), e.getMessage());
        Assertions.assertTrue(e.getMessage().contains("org.bytedeco:openblas"), e.getMessage());
    }
}
