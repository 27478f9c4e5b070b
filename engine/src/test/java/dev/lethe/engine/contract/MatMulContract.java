package dev.lethe.engine.contract;

import dev.lethe.engine.backend.MatMulKernels.Product;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [dev.lethe.engine.backend.MatMulKernels].
public abstract class MatMulContract extends KernelContract {
    private static final int[][] SIZES = { // batch, m, n, k
        {1, 1, 1, 1}, {1, 2, 3, 7}, {3, 7, 15, 16}, {2, 16, 17, 31}, {1, 33, 64, 67},
        {1, 67, 130, 33}, {2, 31, 1, 64}, {1, 1, 130, 17}, {1, 130, 1, 2}, {1, 64, 64, 64},
        {5, 3, 2, 1}, {2, 3, 5, 0}, {0, 3, 4, 5}, {1, 0, 4, 5}, {1, 4, 0, 5}
    };

    private static List<Product> products() {
        List<Product> products = new ArrayList<>();
        for (int[] size : SIZES) {
            for (int transposed = 0; transposed < 4; transposed++) {
                boolean a = (transposed & 1) != 0;
                boolean b = (transposed & 2) != 0;
                products.add(new Product(size[0], size[1], size[2], size[3], a, b));
            }
        }
        return products;
    }

    private static Run multiply(Product product) {
        return (bench, inputs) -> {
            Buffer c = bench.output((long) product.batch() * product.m() * product.n());
            bench.backend()
                    .matMul()
                    .multiply(product, bench.input(inputs[0]), bench.input(inputs[1]), c);
            return bench.read(c);
        };
    }

    private static Run multiplyAdd(Product product) {
        return (bench, inputs) -> {
            Buffer c = bench.changing(inputs[2]);
            bench.backend()
                    .matMul()
                    .multiplyAdd(product, bench.input(inputs[0]), bench.input(inputs[1]), c);
            return bench.read(c);
        };
    }

    private static double[][] operands(Product product, DType dtype) {
        Numbers numbers = new Numbers(product.hashCode(), dtype);
        return new double[][] {
            numbers.normal(1, product.batch() * product.m() * product.k()),
            numbers.normal(1, product.batch() * product.k() * product.n()),
            numbers.normal(1, product.batch() * product.m() * product.n())
        };
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void multiplyOverwrites(DType dtype) {
        for (Product product : products()) {
            double[][] inputs = operands(product, dtype);
            Run run = multiply(product);
            Closeness expected = referenceOfSums(dtype, run, inputs);
            check("multiply " + product, dtype, expected, run, inputs);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void multiplyAddAccumulates(DType dtype) {
        for (Product product : products()) {
            double[][] inputs = operands(product, dtype);
            Run run = multiplyAdd(product);
            Closeness expected = referenceOfSums(dtype, run, inputs);
            check("multiplyAdd " + product, dtype, expected, run, inputs);
        }
    }

    /// F32 sums of BF16 operands, not rounded to BF16: logits.
    @Test
    void bf16OperandsMayGiveF32() {
        if (absent(DType.BF16)) {
            return;
        }
        for (Product product : products()) {
            double[][] inputs = operands(product, DType.BF16);
            int count = product.batch() * product.m() * product.n();
            double[] start = new Numbers(count, DType.F32).normal(1, count);
            Run overwrite =
                    (bench, in) -> {
                        Buffer c = bench.output(bench.dtype().accumulator(), count);
                        Buffer a = bench.input(in[0]);
                        bench.backend().matMul().multiply(product, a, bench.input(in[1]), c);
                        return bench.read(c);
                    };
            Run accumulate =
                    (bench, in) -> {
                        Buffer c = bench.changing(bench.dtype().accumulator(), in[2]);
                        Buffer a = bench.input(in[0]);
                        bench.backend().matMul().multiplyAdd(product, a, bench.input(in[1]), c);
                        return bench.read(c);
                    };
            for (Run run : List.of(overwrite, accumulate)) {
                double[][] all = {inputs[0], inputs[1], start};
                Closeness expected = referenceOfSums(DType.BF16, run, all);
                double[] got = run(tested(), DType.BF16, Workbench.Placement.ODD, run, all);
                expected.check("F32 of BF16 " + product, DType.F32, got);
            }
        }
    }

    /// NaN or infinity times zero is NaN, and neither reaches other rows and columns.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void nanAndInfinityPropagate(DType dtype) {
        for (Product product : products()) {
            double[][] inputs = operands(product, dtype);
            double[] a = inputs[0];
            double[] b = inputs[1];
            if (a.length < 2 || b.length < 2) {
                continue; // no room for both
            }
            a[0] = Double.NaN;
            a[a.length - 1] = Double.POSITIVE_INFINITY;
            b[b.length / 2] = 0;
            b[b.length - 1] = Double.NEGATIVE_INFINITY;
            for (Run run : List.of(multiply(product), multiplyAdd(product))) {
                Closeness expected = referenceOfSums(dtype, run, inputs);
                check("NaN in " + product, dtype, expected, run, inputs);
            }
        }
    }

    @Test
    void buffersOfWrongSizeOrTypeAreRefused() {
        Product product = new Product(1, 2, 3, 4, false, false);
        try (Workbench bench = new Workbench(tested(), DType.F32, Workbench.Placement.ALIGNED)) {
            Buffer a = bench.input(new double[8]);
            Buffer b = bench.input(new double[12]);
            Buffer shorter = bench.output(5);
            Buffer wider = bench.output(DType.F64, 6);
            for (Buffer c : List.of(shorter, wider)) {
                Assertions.assertThrows(
                        IllegalArgumentException.class,
                        () -> tested().matMul().multiply(product, a, b, c));
                Assertions.assertThrows(
                        IllegalArgumentException.class,
                        () -> tested().matMul().multiplyAdd(product, a, b, c));
            }
        }
    }
}
