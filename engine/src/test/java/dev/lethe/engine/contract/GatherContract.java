package dev.lethe.engine.contract;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [dev.lethe.engine.backend.GatherKernels].
public abstract class GatherContract extends KernelContract {
    private static final int[][] SIZES = { // rows of the table, width, ids
        {1, 1, 1}, {7, 3, 2}, {3, 17, 31}, {31, 16, 67}, {130, 33, 64}, {2, 67, 130}, {5, 4, 0}
    };

    /// Whether ids outside the table are refused by the kernel itself, as they are on the host.
    protected boolean checksIds() {
        return true;
    }

    private static Run gather(int width, int... ids) {
        return (bench, inputs) -> {
            Buffer y = bench.output((long) ids.length * width);
            bench.backend().gather().gather(width, bench.input(inputs[0]), bench.ids(ids), y);
            return bench.read(y);
        };
    }

    private static Run scatterAdd(int width, int... ids) {
        return (bench, inputs) -> {
            Buffer table = bench.changing(inputs[1]);
            Buffer x = bench.input(inputs[0]);
            bench.backend().gather().scatterAdd(width, x, bench.ids(ids), table);
            return bench.read(table);
        };
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void gatherCopiesRows(DType dtype) {
        for (int[] size : SIZES) {
            Numbers numbers = new Numbers(size[0], dtype);
            double[] table = numbers.normal(1, size[0] * size[1]);
            table[0] = Double.NaN;
            table[table.length - 1] = Double.NEGATIVE_INFINITY;
            int[] ids = numbers.ids(0, size[0], size[2]);
            String what = "gather %d of %d x %d".formatted(size[2], size[0], size[1]);
            checkExactly(what, dtype, gather(size[1], ids), table);
        }
    }

    /// Sums of equal ids run in the order of the ids, so their bits are the reference's.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void scatterAddAccumulatesInOrder(DType dtype) {
        for (int[] size : SIZES) {
            Numbers numbers = new Numbers(size[0], dtype);
            double[] table = numbers.normal(1, size[0] * size[1]);
            double[] x = numbers.normal(1, size[2] * size[1]);
            int[] ids = numbers.ids(0, size[0], size[2]);
            String what = "scatterAdd %d to %d x %d".formatted(size[2], size[0], size[1]);
            checkExactly(what, dtype, scatterAdd(size[1], ids), x, table);
            Closeness truth = referenceOfSums(dtype, scatterAdd(size[1], ids), x, table);
            check(what, dtype, truth, scatterAdd(size[1], ids), x, table);
            if (x.length > 1) {
                x[1] = Double.NaN;
                x[x.length - 1] = Double.POSITIVE_INFINITY;
                checkExactly("NaN in " + what, dtype, scatterAdd(size[1], ids), x, table);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void idsOutsideTheTableAreRefused(DType dtype) {
        if (!checksIds() || absent(dtype)) {
            return; // the caller's duty, by the contract of a device
        }
        for (int id : new int[] {-1, 5, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            try (Workbench bench = new Workbench(tested(), dtype, Workbench.Placement.ALIGNED)) {
                Buffer ids = bench.ids(0, id, 1);
                Buffer read = bench.input(new double[15]);
                Buffer rows = bench.output(9);
                IndexOutOfBoundsException gather =
                        Assertions.assertThrows(
                                IndexOutOfBoundsException.class,
                                () -> tested().gather().gather(3, read, ids, rows));
                Assertions.assertTrue(gather.getMessage().contains(Integer.toString(id)));
                Buffer x = bench.input(new double[9]);
                Buffer table = bench.input(new double[15]); // and nothing may be added before
                Assertions.assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> tested().gather().scatterAdd(3, x, ids, table));
            }
        }
    }
}
