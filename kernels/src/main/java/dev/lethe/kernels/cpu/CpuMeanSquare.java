package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.MeanSquareKernels;
import dev.lethe.engine.memory.Buffer;

/// F32; a row's squares are added in vectors, the rows in F64.
final class CpuMeanSquare implements MeanSquareKernels {
    @Override
    public void forward(
            int width, Buffer x, Buffer target, Buffer mask, Factor scale, Buffer loss) {
        Rows rows = Rows.of(new Saved(width, x, target, mask));
        long out = Expect.floats("meanSquare: loss", loss, 1);
        double sum = 0;
        for (int row = 0; row < rows.count; row++) {
            if (rows.counts(row)) {
                sum += RowLoops.squaredDistance(width, rows.x(row), rows.target(row));
            }
        }
        F32.set(out, 0, (float) (scale.value() * sum));
    }

    @Override
    public void backward(Saved saved, Factor scale, Buffer dLoss, Buffer dx) {
        Rows rows = Rows.of(saved);
        int width = saved.width();
        long upstream = Expect.floats("meanSquare: dLoss", dLoss, 1);
        float factor = (float) (2 * scale.value() * F32.get(upstream, 0));
        long out = Expect.floats("meanSquare: dx", dx, saved.x().length());
        for (int row = 0; row < rows.count; row++) {
            long to = out + (long) row * width * Float.BYTES;
            if (rows.counts(row)) {
                RowLoops.scaledDifference(width, rows.x(row), rows.target(row), factor, to);
            } else {
                ElementwiseLoops.fill(0, to, width);
            }
        }
    }

    /// Checked addresses; `targetStep` is 0 where one row of the target serves all.
    private record Rows(int count, long x, long target, long mask, long step, long targetStep) {
        static Rows of(Saved saved) {
            int count = Expect.rows("meanSquare: x", saved.x(), saved.width());
            long size = saved.x().length();
            long step = (long) saved.width() * Float.BYTES;
            boolean one = saved.target().length() == saved.width();
            return new Rows(
                    count,
                    Expect.floats("meanSquare: x", saved.x(), size),
                    Expect.floats("meanSquare: target", saved.target(), one ? saved.width() : size),
                    Expect.ints("meanSquare: mask", saved.mask(), count),
                    step,
                    one ? 0 : step);
        }

        boolean counts(int row) {
            return HostMemory.i32(mask + (long) row * Integer.BYTES) != 0;
        }

        long x(int row) {
            return x + row * step;
        }

        long target(int row) {
            return target + row * targetStep;
        }
    }
}
