package dev.lethe.kernels.cpu;

import java.time.Duration;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/// Profilers send signals to the threads of native code, which must not disturb it: oneDNN's
/// kernels once moved the stack pointer into the heap, where a signal's frame destroys what lies
/// below.
class ProfiledProductTest {
    private static final int M = 64;
    private static final int N = 256;
    private static final int K = 768;

    @Test
    void productsBearSignals() {
        Gemm gemm = MatrixLibraries.ofThisProcess().gemm();
        Scratch scratch = new Scratch();
        long a = scratch.bytes(Scratch.floats((long) M * K + (long) K * N + 2L * M * N));
        long b = a + Scratch.floats((long) M * K);
        long c = b + Scratch.floats((long) K * N);
        ElementwiseLoops.fill(1, a, M * K + K * N);
        try (Recording recording = new Recording()) {
            recording.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(1));
            recording.start();
            long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
            while (System.nanoTime() < end) {
                gemm.f32(false, false, M, N, K, a, K, b, N, false, c, N);
                Assertions.assertEquals(K, F32.get(c, M * N - 1));
            }
        }
    }
}
