package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.MatMulKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;

/// One [Gemm] call a matrix of the batch.
final class CpuMatMul implements MatMulKernels {
    private final Gemm gemm;

    CpuMatMul(Gemm gemm) {
        this.gemm = gemm;
    }

    @Override
    public void multiply(Product product, Buffer a, Buffer b, Buffer c) {
        run(product, a, b, c, false);
    }

    @Override
    public void multiplyAdd(Product product, Buffer a, Buffer b, Buffer c) {
        run(product, a, b, c, true);
    }

    private void run(Product p, Buffer a, Buffer b, Buffer c, boolean accumulate) {
        Expect.floating("matmul: a", a);
        p.check(a, b, c);
        Expect.apart("matmul: c", c, a);
        Expect.apart("matmul: c", c, b);
        if (c.length() == 0) {
            return;
        }
        if (p.k() == 0) { // a sum of nothing
            if (!accumulate) {
                HostMemory.zero(c.address(), c.bytes());
            }
            return;
        }
        DType dtype = a.dtype();
        long aBytes = (long) p.m() * p.k() * dtype.bytes();
        long bBytes = (long) p.k() * p.n() * dtype.bytes();
        long cBytes = (long) p.m() * p.n() * dtype.bytes();
        int lda = p.transposeA() ? p.m() : p.k();
        int ldb = p.transposeB() ? p.k() : p.n();
        for (int i = 0; i < p.batch(); i++) {
            long from = a.address() + i * aBytes;
            long with = b.address() + i * bBytes;
            long to = c.address() + i * cBytes;
            if (dtype == DType.F32) {
                gemm.f32(
                        p.transposeA(), p.transposeB(), p.m(), p.n(), p.k(), from, lda, with, ldb,
                        accumulate, to, p.n());
            } else {
                gemm.f64(
                        p.transposeA(), p.transposeB(), p.m(), p.n(), p.k(), from, lda, with, ldb,
                        accumulate, to, p.n());
            }
        }
    }
}
