package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Cast.cast;
import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.Reshape.reshape;

import dev.lethe.engine.backend.MatMulKernels;
import dev.lethe.engine.backend.MatMulKernels.Product;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.List;
import java.util.stream.IntStream;

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
    private static final List<MatMul> ALL =
            IntStream.range(0, 8)
                    .mapToObj(bits -> new MatMul((bits & 4) > 0, (bits & 2) > 0, (bits & 1) > 0))
                    .toList();

    private static MatMul of(boolean transposeA, boolean transposeB, boolean wide) {
        return ALL.get((transposeA ? 4 : 0) + (transposeB ? 2 : 0) + (wide ? 1 : 0));
    }

    public static Tensor matMul(Tensor a, Tensor b) {
        return matMul(a, b, false, false);
    }

    /// `y = x w^T` for a weight `[out, in]` as checkpoints store it; x `[..., in]`.
    public static Tensor linear(Tensor x, Tensor weight) {
        Tensor y = matMul(x, weight, false, true);
        if (WeightTap.isOpen()) {
            WeightTap.hear(new WeightUse.Linear(weight, x, y));
        }
        return y;
    }

    /// As [#linear]; where both are BF16 the result is F32, as loss heads need it.
    static Tensor linearWide(Tensor x, Tensor weight) {
        boolean wide = x.dtype() != x.dtype().accumulator();
        Tensor y = matMul(x, weight, of(false, true, wide));
        if (WeightTap.isOpen()) {
            WeightTap.hear(new WeightUse.Linear(weight, x, y));
        }
        return y;
    }

    public static Tensor matMul(Tensor a, Tensor b, boolean transposeA, boolean transposeB) {
        return matMul(a, b, of(transposeA, transposeB, false));
    }

    private static Tensor matMul(Tensor a, Tensor b, MatMul op) {
        boolean transposeA = op.transposeA;
        boolean transposeB = op.transposeB;
        int rank = a.shape().rank();
        if (rank < 2 || b.shape().rank() < 2 || a.dtype() != b.dtype()) {
            throw mismatch(a, b, transposeA, transposeB);
        }
        Shape shape =
                rank > 2 && b.shape().rank() == 2 && !transposeA
                        ? a.shape().with(-1, b.shape().dim(transposeB ? 0 : 1))
                        : a.shape()
                                .with(-2, a.shape().dim(transposeA ? -1 : -2))
                                .with(-1, b.shape().dim(transposeB ? -2 : -1));
        Product product = product(a, b, shape, transposeA, transposeB);
        DType type = op.wide ? a.dtype().accumulator() : a.dtype();
        Tensor y = Tensor.result("matMul", type, shape, a, b);
        y.backend().matMul().multiply(product, a.buffer(), b.buffer(), y.buffer());
        return Node.record(op, null, y, a, b);
    }

    /// What makes y of a and b. A matrix b shared by all leading axes is one product of all rows.
    private static Product product(
            Tensor a, Tensor b, Shape y, boolean transposeA, boolean transposeB) {
        int rank = a.shape().rank();
        int n = y.dim(-1);
        int k = a.shape().dim(transposeA ? -2 : -1);
        if (rank > 2 && b.shape().rank() == 2 && !transposeA) {
            if (b.shape().dim(transposeB ? 1 : 0) != k) {
                throw mismatch(a, b, false, transposeB);
            }
            return Product.of(1, a.shape().rows(), n, k, false, transposeB);
        }
        Shape expected =
                a.shape().with(-2, transposeB ? n : k).with(-1, transposeB ? k : n);
        if (!b.shape().equals(expected)) {
            throw mismatch(a, b, transposeA, transposeB);
        }
        int batch = Math.toIntExact(y.sizeBetween(0, rank - 2));
        return Product.of(batch, y.dim(-2), n, k, transposeA, transposeB);
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
        return node.gradients(
                needed[0] ? ofA(node, gradient) : null, needed[1] ? ofB(node, gradient) : null);
    }

    private Tensor ofA(Node node, Tensor gradient) {
        Tensor b = operand(node, 1);
        Tensor ofA =
                transposeA
                        ? matMul(b, gradient, transposeB, true)
                        : matMul(gradient, b, false, !transposeB);
        return cast(ofA, node.input(0).dtype());
    }

    private Tensor ofB(Node node, Tensor gradient) {
        Tensor a = operand(node, 0);
        if (node.input(1).shape().rank() < a.shape().rank()) { // shared by all leading axes
            a = rows(a);
            gradient = rows(gradient);
        }
        Tensor ofB =
                transposeB
                        ? matMul(gradient, a, true, transposeA)
                        : matMul(a, gradient, !transposeA, false);
        return cast(ofB, node.input(1).dtype());
    }

    /// An input in the type of the gradient.
    private Tensor operand(Node node, int input) {
        return wide ? widened(node.input(input)) : node.input(input);
    }

    private static Tensor rows(Tensor x) {
        return reshape(x, Shape.of(x.shape().rows(), x.shape().dim(-1)));
    }

    @Override
    public boolean backwardInto(
            Node node, Tensor gradient, int input, Tensor into, boolean add) {
        if (wide) {
            return false;
        }
        Tensor a = node.input(0);
        Tensor b = node.input(1);
        Product p = product(a, b, node.output().shape(), transposeA, transposeB);
        if (input == 0) {
            if (transposeA) {
                multiply(
                        Product.of(p.batch(), p.k(), p.m(), p.n(), transposeB, true),
                        b, gradient, into, add);
            } else {
                multiply(
                        Product.of(p.batch(), p.m(), p.k(), p.n(), false, !transposeB),
                        gradient, b, into, add);
            }
        } else if (transposeB) {
            multiply(
                    Product.of(p.batch(), p.n(), p.k(), p.m(), true, transposeA),
                    gradient, a, into, add);
        } else {
            multiply(
                    Product.of(p.batch(), p.k(), p.n(), p.m(), !transposeA, false),
                    a, gradient, into, add);
        }
        return true;
    }

    private static void multiply(Product product, Tensor x, Tensor y, Tensor into, boolean add) {
        MatMulKernels kernels = into.backend().matMul();
        if (add) {
            kernels.multiplyAdd(product, x.buffer(), y.buffer(), into.buffer());
        } else {
            kernels.multiply(product, x.buffer(), y.buffer(), into.buffer());
        }
    }
}
