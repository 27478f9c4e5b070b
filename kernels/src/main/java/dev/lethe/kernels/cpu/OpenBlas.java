package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.BundledLibrary.function;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/// OpenBLAS through `java.lang.foreign`, on one thread: parallelism lives with the caller.
///
/// The library is process-wide, loaded when this class is first touched. Which kernels it runs is
/// its own choice unless `OPENBLAS_CORETYPE` is set; nothing here touches that.
final class OpenBlas implements Gemm {
    private static final int ROW_MAJOR = 101;
    private static final int AS_STORED = 111;
    private static final int TRANSPOSED = 112;

    static final BundledLibrary LIBRARY =
            new BundledLibrary(
                    "openblas",
                    List.of("libgcc_s.so.1", "libquadmath.so.0", "libgfortran.so.5"),
                    "libopenblas.so.0");

    private static final Binding BINDING = Binding.load();
    // Constants of their own: C2 inlines through a static final handle only.
    private static final MethodHandle SGEMM = BINDING.sgemm;
    private static final MethodHandle DGEMM = BINDING.dgemm;

    private OpenBlas() {}

    static Optional<OpenBlas> available() {
        return BINDING.failure == null ? Optional.of(new OpenBlas()) : Optional.empty();
    }

    /// Why the library is not available; null when it is.
    static String failure() {
        return BINDING.failure;
    }

    /// The processor that OpenBLAS chose its kernels for, e.g. `Cooperlake`.
    static String coreName() {
        return BINDING.coreName;
    }

    /// Version and build options, e.g. `OpenBLAS 0.3.31 DYNAMIC_ARCH NO_AFFINITY MAX_THREADS=64`.
    static String config() {
        return BINDING.config;
    }

    @Override
    public String description() {
        return "%s, %s kernels".formatted(BINDING.config, BINDING.coreName);
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
        try {
            SGEMM.invokeExact(
                    ROW_MAJOR,
                    transposeA ? TRANSPOSED : AS_STORED,
                    transposeB ? TRANSPOSED : AS_STORED,
                    m,
                    n,
                    k,
                    1f,
                    a,
                    lda,
                    b,
                    ldb,
                    accumulate ? 1f : 0f,
                    c,
                    ldc);
        } catch (Throwable e) {
            throw new IllegalStateException("the call of cblas_sgemm failed", e);
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
        try {
            DGEMM.invokeExact(
                    ROW_MAJOR,
                    transposeA ? TRANSPOSED : AS_STORED,
                    transposeB ? TRANSPOSED : AS_STORED,
                    m,
                    n,
                    k,
                    1d,
                    a,
                    lda,
                    b,
                    ldb,
                    accumulate ? 1d : 0d,
                    c,
                    ldc);
        } catch (Throwable e) {
            throw new IllegalStateException("the call of cblas_dgemm failed", e);
        }
    }

    /// What loading gave; with a failure everything else is null.
    private record Binding(
            String failure,
            MethodHandle sgemm,
            MethodHandle dgemm,
            String coreName,
            String config) {
        static Binding load() {
            try {
                SymbolLookup library = LIBRARY.load();
                function(library, "openblas_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT))
                        .invokeExact(1);
                return new Binding(
                        null,
                        function(library, "cblas_sgemm", gemm(JAVA_FLOAT)),
                        function(library, "cblas_dgemm", gemm(JAVA_DOUBLE)),
                        text(library, "openblas_get_corename"),
                        text(library, "openblas_get_config"));
            } catch (IOException | IllegalArgumentException | NoSuchElementException e) {
                return new Binding(e.getMessage(), null, null, null, null);
            } catch (Throwable e) {
                throw new IllegalStateException("OpenBLAS was found but a call of it failed", e);
            }
        }

        @SuppressWarnings("restricted") // a C string has no length to go by
        private static String text(SymbolLookup library, String name) throws Throwable {
            return ((MemorySegment)
                            function(library, name, FunctionDescriptor.of(ADDRESS))
                                    .invokeExact())
                    .reinterpret(4096)
                    .getString(0)
                    .strip();
        }

        /// Addresses go as longs, which are passed alike and make no segment objects.
        private static FunctionDescriptor gemm(MemoryLayout element) {
            return FunctionDescriptor.ofVoid(
                    JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, element, JAVA_LONG,
                    JAVA_INT, JAVA_LONG, JAVA_INT, element, JAVA_LONG, JAVA_INT);
        }
    }
}
