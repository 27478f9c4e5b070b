package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.BYTES;
import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.get;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.set;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;

/// The averages of values in a block of few keys, each of whose queries sees one. A library would
/// multiply in the same time, but sums and divisions would take as long again.
///
/// Four rows of the result are in registers; beyond the last row that one is computed again. Heads
/// are whole vectors wide. The innermost loop steps by a distance that C2 does not know: of a loop
/// that it can count it makes a nest, to check ranges once, and to enter that takes as long as ten
/// rounds here.
final class FewKeysLoops {
    private static final int FOUR = 4;

    private FewKeysLoops() {}

    /// `to = weights values`, each row over the sum of its weights, which is kept too.
    static void average(
            AttentionLayout at,
            AttentionBlock block,
            long weights,
            long values,
            long to,
            long sums) {
        long next = (long) at.keyStride() * BYTES;
        long nextRow = (long) at.queryStride() * BYTES;
        int last = block.rows() - 1;
        for (int row = 0; row <= last; row += FOUR) {
            int row1 = Math.min(row + 1, last);
            int row2 = Math.min(row + 2, last);
            int row3 = Math.min(row + 3, last);
            int start = block.start(row);
            long end = values + block.end(row3) * next;
            long line = block.line(weights, row) + (long) start * BYTES;
            long line1 = block.line(0, row1 - row);
            long line2 = block.line(0, row2 - row);
            long line3 = block.line(0, row3 - row);
            for (int i = 0; i < at.heads().headDim(); i += LANES) {
                FloatVector total0 = all(0);
                FloatVector total1 = total0;
                FloatVector total2 = total0;
                FloatVector total3 = total0;
                FloatVector sum0 = total0;
                FloatVector sum1 = total0;
                FloatVector sum2 = total0;
                FloatVector sum3 = total0;
                long weight = line;
                for (long value = values + start * next; value != end; value += next) {
                    FloatVector v = load(value, i);
                    FloatVector w = all(get(weight, 0));
                    total0 = w.fma(v, total0);
                    sum0 = sum0.add(w);
                    w = all(get(weight + line1, 0));
                    total1 = w.fma(v, total1);
                    sum1 = sum1.add(w);
                    w = all(get(weight + line2, 0));
                    total2 = w.fma(v, total2);
                    sum2 = sum2.add(w);
                    w = all(get(weight + line3, 0));
                    total3 = w.fma(v, total3);
                    sum3 = sum3.add(w);
                    weight += BYTES;
                }
                store(to + row * nextRow, i, total0.div(sum0));
                store(to + row1 * nextRow, i, total1.div(sum1));
                store(to + row2 * nextRow, i, total2.div(sum2));
                store(to + row3 * nextRow, i, total3.div(sum3));
                set(sums, row, sum0.lane(0));
                set(sums, row1, sum1.lane(0));
                set(sums, row2, sum2.lane(0));
                set(sums, row3, sum3.lane(0));
            }
        }
    }
}
