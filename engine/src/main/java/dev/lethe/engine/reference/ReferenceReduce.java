package dev.lethe.engine.reference;

import dev.lethe.engine.backend.ReduceKernels;
import dev.lethe.engine.memory.Buffer;

/// Sums and maxima taken by index, sums rounded at every step.
final class ReferenceReduce implements ReduceKernels {
    @Override
    public void sum(Reduction reduction, Buffer x, Buffer y) {
        run("sum", reduction, x, y);
    }

    @Override
    public void max(Reduction reduction, Buffer x, Buffer y) {
        run("max", reduction, x, y);
    }

    private static void run(String name, Reduction reduction, Buffer x, Buffer y) {
        boolean max = name.equals("max");
        long length = reduction.length();
        long inner = reduction.inner();
        long outputs = reduction.outer() * inner;
        Cells in = Cells.of(name + ": x", x, x.dtype(), outputs * length);
        Cells out = Cells.of(name + ": y", y, x.dtype(), outputs);
        for (long outer = 0; outer < reduction.outer(); outer++) {
            for (long j = 0; j < inner; j++) {
                double result = max ? Double.NEGATIVE_INFINITY : 0;
                for (long i = 0; i < length; i++) {
                    double value = in.get((outer * length + i) * inner + j);
                    result = max ? Math.max(result, value) : out.round(result + value);
                }
                out.set(outer * inner + j, result);
            }
        }
    }
}
