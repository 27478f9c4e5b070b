package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.BundledLibrary.function;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/// oneDNN's `dnnl_sgemm` for F32 products that are not small, through `java.lang.foreign`, on one
/// thread; another [Gemm] for the rest.
///
/// Its kernels read operands where they lie. OpenBLAS first packs them, which costs a gradient of
/// weights, few rows and columns over many k, a third of its time. A call of oneDNN is dearer, so
/// small products stay with the other; F64 it does not have. Which of the two multiplies depends
/// on the shape alone.
final class OneDnn implements Gemm {
    /// Products `m n k` from which on oneDNN is faster than OpenBLAS: between 64 x 64 x 32 and 64 x
    /// 64 x 64 on Zen 5.
    static final long LEAST_PRODUCTS = 1 << 18;

    static final BundledLibrary LIBRARY =
            new BundledLibrary("dnnl", List.of("libgomp.so.1"), "libdnnl.so.3");

    private static final Binding BINDING = Binding.load();
    // Constants of their own: C2 inlines through a static final handle only.
    private static final MethodHandle SGEMM = BINDING.sgemm;
    private static final MethodHandle SET_THREADS = BINDING.setThreads;

    /// OpenMP keeps the number of threads a thread; one that has not been here would use them all.
    private static final ThreadLocal<Boolean> SINGLE = ThreadLocal.withInitial(OneDnn::useOne);

    private static final byte AS_STORED = 'N';
    private static final byte TRANSPOSED = 'T';

    private final Gemm rest;

    private OneDnn(Gemm rest) {
        this.rest = rest;
    }

    /// @param rest multiplies what is small or F64
    static Optional<OneDnn> before(Gemm rest) {
        return BINDING.failure == null ? Optional.of(new OneDnn(rest)) : Optional.empty();
    }

    /// Why the library is not available; null when it is.
    static String failure() {
        return BINDING.failure;
    }

    /// For instance `oneDNN 3.11.0`.
    static String version() {
        return BINDING.version;
    }

    @Override
    public String description() {
        return "%s, %s".formatted(BINDING.version, rest.description());
    }

    @Override
    public void f32(
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            long a,
            int lda,
            long b,
            int ldb,
            boolean accumulate,
            long c,
            int ldc) {
        if ((long) m * n * k < LEAST_PRODUCTS) {
            rest.f32(transposeA, transposeB, m, n, k, a, lda, b, ldb, accumulate, c, ldc);
            return;
        }
        SINGLE.get();
        int status;
        try {
            status =
                    (int)
                            SGEMM.invokeExact(
                                    transposeA ? TRANSPOSED : AS_STORED,
                                    transposeB ? TRANSPOSED : AS_STORED,
                                    (long) m,
                                    (long) n,
                                    (long) k,
                                    1f,
                                    a,
                                    (long) lda,
                                    b,
                                    (long) ldb,
                                    accumulate ? 1f : 0f,
                                    c,
                                    (long) ldc);
        } catch (Throwable e) {
            throw new IllegalStateException("the call of dnnl_sgemm failed", e);
        }
        if (status != 0) {
            throw new IllegalStateException(
                    "dnnl_sgemm of [%d, %d] and [%d, %d] gave status %d (1 is out of memory)"
                            .formatted(m, k, k, n, status));
        }
    }

    @Override
    public void f64(
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            long a,
            int lda,
            long b,
            int ldb,
            boolean accumulate,
            long c,
            int ldc) {
        rest.f64(transposeA, transposeB, m, n, k, a, lda, b, ldb, accumulate, c, ldc);
    }

    private static boolean useOne() {
        try {
            SET_THREADS.invokeExact(1);
        } catch (Throwable e) {
            throw new IllegalStateException("the call of omp_set_num_threads failed", e);
        }
        return true;
    }

    /// What loading gave; with a failure everything else is null.
    private record Binding(
            String failure, MethodHandle sgemm, MethodHandle setThreads, String version) {
        static Binding load() {
            try {
                SymbolLookup library = LIBRARY.load();
                return new Binding(
                        null,
                        function(
                                library,
                                "dnnl_sgemm",
                                // Addresses go as longs, which are passed alike and make no
                                // segment objects.
                                FunctionDescriptor.of(
                                        JAVA_INT, JAVA_BYTE, JAVA_BYTE, JAVA_LONG, JAVA_LONG,
                                        JAVA_LONG, JAVA_FLOAT, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                                        JAVA_LONG, JAVA_FLOAT, JAVA_LONG, JAVA_LONG)),
                        function(
                                library,
                                "omp_set_num_threads",
                                FunctionDescriptor.ofVoid(JAVA_INT)),
                        version(library));
            } catch (IOException | IllegalArgumentException | NoSuchElementException e) {
                return new Binding(e.getMessage(), null, null, null);
            } catch (Throwable e) {
                throw new IllegalStateException("oneDNN was found but a call of it failed", e);
            }
        }

        @SuppressWarnings("restricted") // the struct begins with three ints
        private static String version(SymbolLookup library) throws Throwable {
            MemorySegment version =
                    ((MemorySegment)
                                    function(
                                                    library,
                                                    "dnnl_version",
                                                    FunctionDescriptor.of(ADDRESS))
                                            .invokeExact())
                            .reinterpret(3 * JAVA_INT.byteSize());
            return "oneDNN %d.%d.%d"
                    .formatted(
                            version.getAtIndex(JAVA_INT, 0),
                            version.getAtIndex(JAVA_INT, 1),
                            version.getAtIndex(JAVA_INT, 2));
        }
    }
}
