package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.kernels.cuda.KernelSource.Kernel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `tensorcore.cuh` against the layouts of the PTX ISA (9.7.14.5.8, "Matrix Fragments for
/// mma.m16n8k16 with floating point type", and 9.7.14.5.15, `ldmatrix`), written here a second time
/// as the ISA writes them; on a GPU as on the simulated device.
class TensorCoreTest {
    static final KernelSource SOURCE =
            KernelSource.exact(
                    "fragments",
                    "fragments_ldmatrix_x4(const element* x, int* registers, int transposed)",
                    "fragments_ldmatrix_x2(const element* x, int* registers, int transposed)",
                    "fragments_mma(const int* a, const int* b, const float* c, float* d)",
                    "fragments_product(const element* a, const element* b, float* d, int stored)",
                    "fragments_copy(const element* x, element* y, int n)",
                    "fragments_pack(const float* x, int* y, int n)",
                    "fragments_faulty(const element* x, element* y, int mistake)");
    private static final Grid WARP = Grid.of(1, 32);

    @TempDir Path folder;
    private LaunchBench bench;

    @BeforeEach
    void open() {
        TestedDevice.requirePresent();
        bench = new LaunchBench(folder);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private void launch(String kernel, Object... arguments) {
        bench.launch(SOURCE.kernel(kernel), DType.BF16, WARP, arguments);
    }

    /// Distinct, exact in BF16, of both signs.
    private static float[] distinct(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = BFloat16.toFloat((short) (0x3c00 + i)) * (i % 3 == 0 ? -1 : 1);
        }
        return values;
    }

    /// Whole numbers up to 11: products of matrices of them are exact in F32, in any order.
    private static float[] whole(int seed, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (seed * 7919 + i * 31 + i * i) % 23 - 11;
        }
        return values;
    }

    private static int pair(float low, float high) {
        return BFloat16.of(low) & 0xffff | BFloat16.of(high) << 16;
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "4, 1", "2, 0", "2, 1"})
    void eachLaneGetsItsPartOfEachMatrix(int matrices, int transposed) {
        float[] x = distinct(32 * 8);
        Buffer registers = bench.ints(new int[32 * matrices]);
        launch("fragments_ldmatrix_x" + matrices, bench.bfloats(x), registers, transposed);
        int[] expected = new int[32 * matrices];
        for (int lane = 0; lane < 32; lane++) {
            for (int m = 0; m < matrices; m++) {
                int major = lane / 4; // row of the matrix, or of its transpose
                int minor = 2 * (lane % 4);
                int low = transposed == 0 ? major * 8 + minor : minor * 8 + major;
                int high = low + (transposed == 0 ? 1 : 8);
                expected[lane * matrices + m] = pair(x[64 * m + low], x[64 * m + high]);
            }
        }
        assertArrayEquals(expected, bench.readInts(registers));
    }

    private static float[] product(float[] a, float[] b, float[] c) {
        float[] d = c.clone();
        for (int row = 0; row < 16; row++) {
            for (int column = 0; column < 8; column++) {
                for (int k = 0; k < 16; k++) {
                    d[row * 8 + column] += a[row * 16 + k] * b[k * 8 + column];
                }
            }
        }
        return d;
    }

    /// Element `i` of a lane's part of A, B or C, as the ISA counts them.
    private static int inA(int lane, int i) {
        int row = i < 2 || i >= 4 && i < 6 ? lane / 4 : lane / 4 + 8;
        int column = lane % 4 * 2 + i % 2 + (i < 4 ? 0 : 8);
        return row * 16 + column;
    }

    private static int inB(int lane, int i) {
        int row = lane % 4 * 2 + i % 2 + (i < 2 ? 0 : 8);
        return row * 8 + lane / 4;
    }

    private static int inC(int lane, int i) {
        return (lane / 4 + (i < 2 ? 0 : 8)) * 8 + lane % 4 * 2 + i % 2;
    }

    @Test
    void mmaMultipliesFragments() {
        float[] a = whole(1, 256);
        float[] b = whole(2, 128);
        float[] c = whole(3, 128);
        int[] left = new int[128];
        int[] right = new int[64];
        float[] added = new float[128];
        float[] expected = new float[128];
        float[] d = product(a, b, c);
        for (int lane = 0; lane < 32; lane++) {
            for (int i = 0; i < 4; i++) {
                left[4 * lane + i] = pair(a[inA(lane, 2 * i)], a[inA(lane, 2 * i + 1)]);
                added[4 * lane + i] = c[inC(lane, i)];
                expected[4 * lane + i] = d[inC(lane, i)];
            }
            for (int i = 0; i < 2; i++) {
                right[2 * lane + i] = pair(b[inB(lane, 2 * i)], b[inB(lane, 2 * i + 1)]);
            }
        }
        Buffer result = bench.floats(new float[128]);
        launch(
                "fragments_mma",
                bench.ints(left),
                bench.ints(right),
                bench.floats(added),
                result);
        assertArrayEquals(expected, bench.read(result));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aProductByAllInstructionsIsThePlainOne(int stored) {
        float[] a = whole(4, 256);
        float[] b = whole(5, 128);
        float[] laid = b.clone();
        if (stored == 1) { // as [8, 16]
            for (int i = 0; i < 128; i++) {
                laid[i % 8 * 16 + i / 8] = b[i];
            }
        }
        Buffer d = bench.floats(new float[128]);
        launch("fragments_product", bench.bfloats(a), bench.bfloats(laid), d, stored);
        assertArrayEquals(product(a, b, new float[128]), bench.read(d));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 32, 33, 64})
    void copiesArriveGroupByGroup(int n) {
        float[] x = distinct(64 * 8);
        Buffer y = bench.buffer(DType.BF16, x.length);
        launch("fragments_copy", bench.bfloats(x), y, n);
        float[] expected = new float[x.length];
        for (int row = 0; row < n; row++) {
            System.arraycopy(x, 8 * row, expected, 8 * (63 - row), 8);
        }
        assertArrayEquals(expected, bench.read(y));
    }

    @Test
    void pairsAreRoundedToNearestEven() {
        float[] x = {
            1, -2, 1 + 0x1p-8f, 1 + 0x3p-8f, 1 + 0x1p-8f + 0x1p-20f, 0.1f, Float.MAX_VALUE, -0f,
            Float.POSITIVE_INFINITY, 3e-39f
        };
        Buffer y = bench.ints(new int[x.length / 2]);
        launch("fragments_pack", bench.floats(x), y, x.length / 2);
        int[] expected = new int[x.length / 2];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = pair(x[2 * i], x[2 * i + 1]);
        }
        assertArrayEquals(expected, bench.readInts(y));
    }

    @Test
    void aPackedNanIsTheCanonicalOne() {
        Buffer y = bench.ints(0);
        launch("fragments_pack", bench.floats(Float.NaN, 1), y, 1);
        assertEquals(0x3f807fff, bench.readInts(y)[0]);
    }

    /// What is read before it was awaited is NaN, in either order of the threads.
    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1", "1, 0", "1, 1"})
    void aCopyThatIsReadTooEarlyIsPoison(int mistake, long order) {
        SimulatedDevice.require();
        try (var _ = SimulatedDevice.set("order", order)) {
            Buffer y = bench.buffer(DType.BF16, 256);
            launch("fragments_faulty", bench.bfloats(distinct(256)), y, mistake);
            for (float value : bench.read(y)) {
                assertTrue(Float.isNaN(value), "read " + value);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2, asynchronous copies that it has not waited for",
        "3, asynchronous copies that it has not waited for",
        "4, cp.async of bytes that are not aligned to 16",
        "5, cp.async to no shared memory",
        "6, ldmatrix of a row that is not 16 aligned bytes of shared memory"
    })
    void mistakesStopTheKernel(int mistake, String reason) {
        SimulatedDevice.require();
        Buffer x = bench.bfloats(distinct(256));
        Buffer y = bench.buffer(DType.BF16, 256);
        Kernel kernel = SOURCE.kernel("fragments_faulty");
        String message = bench.fault(kernel, DType.BF16, WARP, x, y, mistake);
        assertTrue(message.contains(reason), message);
        assertEquals(1, message.lines().count(), message);
    }

    @Test
    void halfAWarpCannotMultiply() {
        SimulatedDevice.require();
        Buffer ints = bench.ints(new int[128]);
        Buffer floats = bench.floats(new float[128]);
        Kernel kernel = SOURCE.kernel("fragments_mma");
        Buffer d = bench.floats(new float[128]);
        String message =
                bench.fault(kernel, DType.BF16, Grid.of(1, 16), ints, ints, floats, d);
        assertTrue(message.contains("mma.sync by less than a whole warp"), message);
    }
}
