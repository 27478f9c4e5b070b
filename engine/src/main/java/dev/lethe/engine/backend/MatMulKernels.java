package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.Known;

/// Dense matrix products of row-major matrices, one after another for a batch.
///
/// BF16 operands: products and sums in F32 or wider; c is BF16, rounded once, or F32, not rounded
/// to BF16 at all (logits).
public interface MatMulKernels {
    /// `c = op(a) op(b)`, overwriting c. NaN and infinity propagate as IEEE 754 says.
    void multiply(Product product, Buffer a, Buffer b, Buffer c);

    /// `c += op(a) op(b)`.
    void multiplyAdd(Product product, Buffer a, Buffer b, Buffer c);

    /// `batch` products `[m,k] x [k,n] -> [m,n]`. A transposed operand is stored as `[k,m]` or
    /// `[n,k]`; the matrices of a batch follow each other without gaps.
    record Product(int batch, int m, int n, int k, boolean transposeA, boolean transposeB) {
        public Product {
            if (batch < 0 || m < 0 || n < 0 || k < 0) {
                throw new IllegalArgumentException(
                        "matmul: dimensions must be at least 0, got batch %d, m %d, n %d, k %d"
                                .formatted(batch, m, n, k));
            }
        }

        private static final Known<Product> KNOWN = new Known<>(1 << 10);

        /// The product of that size, made once.
        public static Product of(
                int batch, int m, int n, int k, boolean transposeA, boolean transposeB) {
            int hash = ((batch * 31 + m) * 31 + n) * 31 + k;
            hash = 4 * hash + (transposeA ? 2 : 0) + (transposeB ? 1 : 0);
            Product known = KNOWN.get(hash);
            boolean same =
                    known != null
                            && known.batch == batch
                            && known.m == m
                            && known.n == n
                            && known.k == k
                            && known.transposeA == transposeA
                            && known.transposeB == transposeB;
            return same
                    ? known
                    : KNOWN.keep(hash, new Product(batch, m, n, k, transposeA, transposeB));
        }

        /// Fails unless the buffers have exactly the sizes that this product reads and writes.
        public void check(Buffer a, Buffer b, Buffer c) {
            if (a.length() != (long) batch * m * k
                    || b.length() != (long) batch * k * n
                    || c.length() != (long) batch * m * n
                    || a.dtype() != b.dtype()
                    || (c.dtype() != a.dtype() && c.dtype() != a.dtype().accumulator())) {
                throw new IllegalArgumentException(
                        ("matmul: %s needs buffers of one type (c of BF16 operands may be"
                                        + " F32) and %d, %d, %d elements, got %d %s, %d %s, %d %s")
                                .formatted(
                                        this,
                                        (long) batch * m * k,
                                        (long) batch * k * n,
                                        (long) batch * m * n,
                                        a.length(),
                                        a.dtype(),
                                        b.length(),
                                        b.dtype(),
                                        c.length(),
                                        c.dtype()));
            }
        }
    }
}
