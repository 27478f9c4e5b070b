package dev.lethe.kernels.cpu;

/// Matrix product of row-major matrices at raw addresses, the one thing a BLAS is used for.
///
/// `c = op(a) op(b)`, or `c += op(a) op(b)`; c is `[m, n]`, op(a) `[m, k]`, op(b) `[k, n]`, all at
/// least 1. A leading dimension is the distance between rows as stored, in elements. Without
/// `accumulate` c is not read; NaN and infinity propagate. The parameters are those of cblas.
interface Gemm {
    /// Library, version and kernels, for people.
    String description();

    void f32(
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
            int ldc);

    void f64(
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
            int ldc);
}
