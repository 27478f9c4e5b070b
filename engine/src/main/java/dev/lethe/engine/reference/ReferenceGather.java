package dev.lethe.engine.reference;

import dev.lethe.engine.backend.GatherKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;

/// Rows copied or added one after the other; ids are checked before anything is written.
final class ReferenceGather implements GatherKernels {
    @Override
    public void gather(int width, Buffer table, Buffer ids, Buffer y) {
        int[] rows = rows("gather", width, table, ids);
        Cells from = Cells.of("gather: table", table);
        Cells to = Cells.of("gather: y", y, table.dtype(), (long) rows.length * width);
        for (int i = 0; i < rows.length; i++) {
            for (long j = 0; j < width; j++) {
                to.set((long) i * width + j, from.get((long) rows[i] * width + j));
            }
        }
    }

    @Override
    public void scatterAdd(int width, Buffer x, Buffer ids, Buffer table) {
        int[] rows = rows("scatterAdd", width, table, ids);
        Cells from = Cells.of("scatterAdd: x", x, table.dtype(), (long) rows.length * width);
        Cells to = Cells.of("scatterAdd: table", table);
        Map<Integer, double[]> sums = new LinkedHashMap<>(); // rows of the table, stored at the end
        for (int i = 0; i < rows.length; i++) {
            double[] sum = sums.computeIfAbsent(rows[i], row -> read(to, row, width));
            for (int j = 0; j < width; j++) {
                sum[j] = to.round(sum[j] + from.get((long) i * width + j));
            }
        }
        sums.forEach(
                (row, sum) -> {
                    for (int j = 0; j < width; j++) {
                        to.set((long) row * width + j, sum[j]);
                    }
                });
    }

    private static double[] read(Cells table, long row, int width) {
        double[] values = new double[width];
        for (int j = 0; j < width; j++) {
            values[j] = table.get(row * width + j);
        }
        return values;
    }

    /// The ids, each of which must name a row of the table.
    private static int[] rows(String name, int width, Buffer table, Buffer ids) {
        if (width < 1 || table.length() % width != 0) {
            throw new IllegalArgumentException(
                    "%s: table must be whole rows of at least 1 element, got %d elements, width %d"
                            .formatted(name, table.length(), width));
        }
        Cells.require(name + ": ids", ids, DType.I32, ids.length());
        int[] rows = new int[Math.toIntExact(ids.length())];
        for (int i = 0; i < rows.length; i++) {
            long address = ids.address() + (long) i * Integer.BYTES;
            rows[i] = Cells.MEMORY.get(ValueLayout.JAVA_INT, address);
            if (rows[i] < 0 || rows[i] >= table.length() / width) {
                throw new IndexOutOfBoundsException(
                        "%s: ids must be in [0, %d), the table's rows, got %d at %d; check the ids"
                                .formatted(name, table.length() / width, rows[i], i));
            }
        }
        return rows;
    }
}
