package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.MatMulKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.kernels.cuda.Cublas.Matrix;

/// All products of a batch in one call of cuBLAS.
final class CudaMatMul implements MatMulKernels {
    private final CudaDevice device;
    private final Cublas cublas;

    CudaMatMul(CudaDevice device, Cublas cublas) {
        this.device = device;
        this.cublas = cublas;
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
        Operands.floating("matmul: a", a);
        p.check(a, b, c);
        Operands.apart("matmul: c", c, a);
        Operands.apart("matmul: c", c, b);
        if (c.length() == 0) {
            return;
        }
        if (p.k() == 0) { // a sum of nothing
            if (!accumulate) {
                device.zero(c, "matmul of %d elements with k 0".formatted(c.length()));
            }
            return;
        }
        cublas.multiply(
                new Cublas.Shape(p.batch(), p.m(), p.n(), p.k()),
                matrix(a, p.transposeA() ? p.m() : p.k(), (long) p.m() * p.k(), p.transposeA()),
                matrix(b, p.transposeB() ? p.k() : p.n(), (long) p.k() * p.n(), p.transposeB()),
                matrix(c, p.n(), (long) p.m() * p.n(), false),
                accumulate);
    }

    private static Matrix matrix(Buffer buffer, int columns, long stride, boolean transposed) {
        return new Matrix(buffer.address(), buffer.dtype(), columns, stride, transposed);
    }
}
