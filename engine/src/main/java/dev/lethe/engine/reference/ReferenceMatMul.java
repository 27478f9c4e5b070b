package dev.lethe.engine.reference;

import dev.lethe.engine.backend.MatMulKernels;
import dev.lethe.engine.memory.Buffer;

/// The three loops of the definition; each sum runs over k by index, rounded at every step (to F32
/// where the operands are BF16).
final class ReferenceMatMul implements MatMulKernels {
    @Override
    public void multiply(Product product, Buffer a, Buffer b, Buffer c) {
        run(product, a, b, c, false);
    }

    @Override
    public void multiplyAdd(Product product, Buffer a, Buffer b, Buffer c) {
        run(product, a, b, c, true);
    }

    private static void run(Product product, Buffer a, Buffer b, Buffer c, boolean add) {
        product.check(a, b, c);
        Cells left = Cells.of("matmul: a", a);
        Cells right = Cells.of("matmul: b", b);
        Cells result = Cells.of("matmul: c", c);
        long m = product.m();
        long n = product.n();
        long k = product.k();
        for (long batch = 0; batch < product.batch(); batch++) {
            for (long i = 0; i < m; i++) {
                for (long j = 0; j < n; j++) {
                    double sum = 0;
                    for (long l = 0; l < k; l++) {
                        long inA = batch * m * k + (product.transposeA() ? l * m + i : i * k + l);
                        long inB = batch * k * n + (product.transposeB() ? j * k + l : l * n + j);
                        double term = result.round(left.get(inA) * right.get(inB));
                        sum = result.round(sum + term);
                    }
                    long inC = (batch * m + i) * n + j;
                    result.set(inC, add ? result.get(inC) + sum : sum);
                }
            }
        }
    }
}
