package dev.lethe.kernels.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the matmul contract does not reach: matrices inside larger ones, in every [Gemm], and that
/// oneDNN stays on the caller's thread.
class GemmTest {
    @BeforeEach
    void needsTheLibraries() {
        boolean linux = System.getProperty("os.name").equals("Linux");
        boolean x64 = System.getProperty("os.arch").equals("amd64");
        Assumptions.assumeTrue(linux && x64, "libraries on the class path are for Linux on x86-64");
        Assertions.assertNull(OpenBlas.failure());
        Assertions.assertNull(OneDnn.failure());
    }

    private static List<Gemm> all() {
        OpenBlas openBlas = OpenBlas.available().orElseThrow();
        return List.of(OneDnn.before(openBlas).orElseThrow(), openBlas, new VectorGemm());
    }

    /// Heads of `[T, H, D]` are matrices with a stride; what lies between must stay. The second
    /// shape is large enough for oneDNN.
    @ParameterizedTest
    @CsvSource({"7, 5, 11, 29", "67, 65, 111, 129"})
    void leadingDimensionsLeaveTheRestAlone(int m, int n, int k, int ld) {
        Assertions.assertEquals(ld == 129, (long) m * n * k >= OneDnn.LEAST_PRODUCTS);
        for (Gemm gemm : all()) {
            for (int transposed = 0; transposed < 4; transposed++) {
                strided(gemm, (transposed & 1) != 0, (transposed & 2) != 0, m, n, k, ld);
            }
        }
    }

    private static void strided(
            Gemm gemm, boolean transposeA, boolean transposeB, int m, int n, int k, int ld) {
        int size = Math.max(m, Math.max(n, k)) * ld;
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

    /// NaN and infinity go where the sum takes them, in products of either size.
    @ParameterizedTest
    @CsvSource({"8", "80"})
    void whatIsNotFiniteIsCarriedOn(int n) {
        for (Gemm gemm : all()) {
            long a = new Scratch().bytes(3L * n * n * Float.BYTES);
            long b = a + (long) n * n * Float.BYTES;
            long c = b + (long) n * n * Float.BYTES;
            for (int i = 0; i < n * n; i++) {
                F32.set(a, i, 0);
                F32.set(b, i, 1);
            }
            F32.set(a, 0, Float.NaN);
            F32.set(a, n, Float.POSITIVE_INFINITY);
            F32.set(b, 2 * n + 1, Float.POSITIVE_INFINITY); // times zeros
            gemm.f32(false, false, n, n, n, a, n, b, n, false, c, n);
            Assertions.assertTrue(Float.isNaN(F32.get(c, 0)), gemm.description());
            Assertions.assertEquals(Float.POSITIVE_INFINITY, F32.get(c, n), gemm.description());
            Assertions.assertTrue(Float.isNaN(F32.get(c, 3 * n + 1)), gemm.description());
            Assertions.assertEquals(0, F32.get(c, 3 * n), gemm.description());
        }
    }

    /// A thread of OpenMP has the name of the thread that made it. More than one would make bits
    /// depend on their number.
    @Test
    void oneDnnStaysOnTheThreadOfItsCaller() throws Exception {
        Gemm gemm = all().getFirst();
        int n = 512;
        FutureTask<Long> product =
                new FutureTask<>(
                        () -> {
                            long a = new Scratch().bytes(2L * n * n * Float.BYTES);
                            HostMemory.zero(a, (long) n * n * Float.BYTES);
                            long c = a + (long) n * n * Float.BYTES;
                            gemm.f32(false, true, n, n, n, a, n, a, n, false, c, n);
                            return threadsNamed("one-product");
                        });
        Thread.ofPlatform().name("one-product").start(product);
        Assertions.assertEquals(1, product.get());
    }

    private static long threadsNamed(String name) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            return threads.filter(thread -> name.equals(nameOf(thread))).count();
        }
    }

    private static String nameOf(Path thread) {
        try {
            return Files.readString(thread.resolve("comm")).strip();
        } catch (IOException _) {
            return "ended meanwhile";
        }
    }
}
