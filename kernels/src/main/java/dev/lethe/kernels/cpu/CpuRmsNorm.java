package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.memory.Buffer;

/// F32. With `g = dy (1 + w)`: `dx = r g - x r^3 sum(g x) / width`, `dWeight = sum over rows of dy
/// x r`.
///
/// Rows are taken in blocks, which stay in the cache from one loop to the next. What a block adds
/// to dWeight is added up apart, so that the rounding of long sums stays small.
final class CpuRmsNorm implements RmsNormKernels {
    private static final int BLOCK = 64; // rows

    private static final Scratch SCRATCH = new Scratch();

    @Override
    public void forward(Rows rows, Buffer x, Buffer weight, Buffer y, Buffer inverseRms) {
        int width = rows.width();
        long in = Expect.floats("rmsNorm: x", x, (long) rows.count() * width);
        long w = Expect.floats("rmsNorm: weight", weight, width);
        long out = Expect.floats("rmsNorm: y", y, x.length());
        long inverse = Expect.floats("rmsNorm: inverseRms", inverseRms, rows.count());
        for (int from = 0; from < rows.count(); from += BLOCK) {
            int count = Math.min(BLOCK, rows.count() - from);
            long offset = (long) from * width * Float.BYTES;
            long r = inverse + (long) from * Float.BYTES;
            RmsNormLoops.squares(count, width, in + offset, r);
            for (int row = 0; row < count; row++) {
                double meanSquare = (double) F32.get(r, row) / width;
                F32.set(r, row, (float) (1 / Math.sqrt(meanSquare + rows.epsilon())));
            }
            RmsNormLoops.scale(count, width, in + offset, w, r, out + offset);
        }
    }

    @Override
    public void backward(Rows rows, Saved saved, Buffer dy, Buffer dx, Buffer dWeight) {
        int width = rows.width();
        long x = Expect.floats("rmsNorm: x", saved.x(), (long) rows.count() * width);
        long w = Expect.floats("rmsNorm: weight", saved.weight(), width);
        long inverse = Expect.floats("rmsNorm: inverseRms", saved.inverseRms(), rows.count());
        long dOut = Expect.floats("rmsNorm: dy", dy, saved.x().length());
        long dIn = dx == null ? 0 : Expect.floats("rmsNorm: dx", dx, saved.x().length());
        long dw = dWeight == null ? 0 : Expect.floats("rmsNorm: dWeight", dWeight, width);
        if (dWeight != null) {
            ElementwiseLoops.fill(0, dw, width);
        }
        long back = SCRATCH.bytes(Scratch.floats(BLOCK));
        for (int from = 0; from < rows.count(); from += BLOCK) {
            int count = Math.min(BLOCK, rows.count() - from);
            long offset = (long) from * width * Float.BYTES;
            long r = inverse + (long) from * Float.BYTES;
            if (dx != null) {
                RmsNormLoops.dots(count, width, dOut + offset, w, x + offset, back);
                for (int row = 0; row < count; row++) {
                    double one = F32.get(r, row);
                    F32.set(back, row, (float) (-F32.get(back, row) * one * one * one / width));
                }
                RmsNormLoops.gradient(
                        count, width, dOut + offset, w, x + offset, r, back, dIn + offset);
            }
            if (dWeight != null) {
                RmsNormLoops.addProducts(count, width, dOut + offset, x + offset, r, dw);
            }
        }
    }
}
