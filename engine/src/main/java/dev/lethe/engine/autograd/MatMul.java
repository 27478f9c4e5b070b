package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Cast.cast;
import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.Reshape.reshape;

import dev.lethe.engine.backend.MatMulKernels.Product;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;

/// `y = op(a) op(b)` where op transposes the last two axes or does nothing.
///
/// Shapes `[..., m, k] x [..., k, n] -> [..., m, n]` with equal leading axes; or a matrix b shared by
/// all leading axes of an untransposed a. Gradients, with g that of y:
/// a: `g op(b)^T`, b: `op(a)^T g`, each transposed back where its operand was.
///
/// @param transposeA a is stored `[..., k, m]`
/// @param transposeB b is stored `[..., n, k]`
/// @param wide BF16 operands give an F32 result
public record MatMul(boolean transposeA, boolean transposeB, boolean wide) implements Primitive {
    public static Tensor matMul(Tensor a, Tensor b) {
        return matMul(a, b, false, false);
    }

    /// `y = x w^T` for a weight `[out, in]` as checkpoints store it; x `[..., in]`.
    public static Tensor linear(Tensor x, Tensor weight) {
        return matMul(x, weight, false, true);
    }

    /// As [#linear]; where both are BF16 the result is F32, as loss heads need it.
    static Tensor linearWide(Tensor x, Tensor weight) {
        boolean wide = x.dtype() != x.dtype().accumulator();
        return matMul(x, weight, new MatMul(false, true, wide));
    }

    public static Tensor matMul(Tensor a, Tensor b, boolean transposeA, boolean transposeB) {
        return matMul(a, b, new MatMul(transposeA, transposeB, false));
    }

    private static Tensor matMul(Tensor a, Tensor b, MatMul op) {
        boolean transposeA = op.transposeA;
        boolean transposeB = op.transposeB;
        int rank = a.shape().rank();
        if (rank < 2 || b.shape().rank() < 2 || a.dtype() != b.dtype()) {
            throw mismatch(a, b, transposeA, transposeB);
        }
        if (rank > 2 && b.shape().rank() == 2 && !transposeA) { // one matrix for all leading axes
            Tensor rows = reshape(a, Shape.of(a.shape().rows(), a.shape().dim(-1)));
            Tensor y = matMul(rows, b, op);
            return reshape(y, a.shape().with(-1, y.shape().dim(-1)));
        }
        int m = a.shape().dim(transposeA ? -1 : -2);
        int k = a.shape().dim(transposeA ? -2 : -1);
        int n = b.shape().dim(transposeB ? -2 : -1);
        Shape shape = a.shape().with(-2, m).with(-1, n);
        Shape expected =
                a.shape().with(-2, transposeB ? n : k).with(-1, transposeB ? k : n);
        if (!b.shape().equals(expected)) {
            throw mismatch(a, b, transposeA, transposeB);
        }
        int batch = Math.toIntExact(shape.sizeBetween(0, rank - 2));
        DType type = op.wide ? a.dtype().accumulator() : a.dtype();
        Tensor y = Tensor.result("matMul", type, shape, a, b);
        y.backend()
                .matMul()
                .multiply(
                        new Product(batch, m, n, k, transposeA, transposeB),
                        a.buffer(),
                        b.buffer(),
                        y.buffer());
        return Node.record(op, null, y, a, b);
    }

    private static IllegalArgumentException mismatch(
            Tensor a, Tensor b, boolean transposeA, boolean transposeB) {
        return new IllegalArgumentException(
                "matMul: %s%s and %s%s do not fit; expected [..., m, k] x [..., k, n] of one element type"
                        .formatted(
                                a,
                                transposeA ? " transposed" : "",
                                b,
                                transposeB ? " transposed" : ""));
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        DType type = node.input(0).dtype();
        Tensor a = wide ? widened(node.input(0)) : node.input(0);
        Tensor b = wide ? widened(node.input(1)) : node.input(1);
        Tensor ofA = null;
        Tensor ofB = null;
        if (needed[0]) {
            ofA =
                    transposeA
                            ? matMul(b, gradient, transposeB, true)
                            : matMul(gradient, b, false, !transposeB);
        }
        if (needed[1]) {
            ofB =
                    transposeB
                            ? matMul(gradient, a, true, transposeA)
                            : matMul(a, gradient, !transposeA, false);
        }
        return new Tensor[] {
            ofA == null ? null : cast(ofA, type), ofB == null ? null : cast(ofB, type)
        };
    }
}
