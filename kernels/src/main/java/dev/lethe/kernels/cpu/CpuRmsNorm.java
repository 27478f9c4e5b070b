package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.memory.Buffer;

/// F32. With `g = dy (1 + w)`: `dx = r g - x r^3 sum(g x) / width`, `dWeight = sum over rows of dy x r`.
final class CpuRmsNorm implements RmsNormKernels {
    /// Rows whose share of dWeight is added up apart, so that the rounding of long sums stays small.
    private static final int BLOCK = 64;

    private static final Scratch SCRATCH = new Scratch();

    @Override
    public void forward(Rows rows, Buffer x, Buffer weight, Buffer y, Buffer inverseRms) {
        int width = rows.width();
        long in = Expect.floats("rmsNorm: x", x, (long) rows.count() * width);
        long w = Expect.floats("rmsNorm: weight", weight, width);
        long out = Expect.floats("rmsNorm: y", y, x.length());
        long inverse = Expect.floats("rmsNorm: inverseRms", inverseRms, rows.count());
        for (int row = 0; row < rows.count(); row++) {
            long offset = (long) row * width * Float.BYTES;
            double meanSquare = (double) RowLoops.dot(width, in + offset, in + offset) / width;
            float r = (float) (1 / Math.sqrt(meanSquare + rows.epsilon()));
            F32.set(inverse, row, r);
            RmsNormLoops.scale(width, in + offset, w, r, out + offset);
        }
    }

    @Override
    public void backward(Rows rows, Saved saved, Buffer dy, Buffer dx, Buffer dWeight) {
        int width = rows.width();
        int count = rows.count();
        long x = Expect.floats("rmsNorm: x", saved.x(), (long) count * width);
        long w = Expect.floats("rmsNorm: weight", saved.weight(), width);
        long inverse = Expect.floats("rmsNorm: inverseRms", saved.inverseRms(), count);
        long dOut = Expect.floats("rmsNorm: dy", dy, saved.x().length());
        if (dx != null) {
            long dIn = Expect.floats("rmsNorm: dx", dx, saved.x().length());
            for (int row = 0; row < count; row++) {
                long offset = (long) row * width * Float.BYTES;
                float r = F32.get(inverse, row);
                float along = RmsNormLoops.dotWeighted(width, dOut + offset, w, x + offset);
                float back = (float) (-(double) along * r * r * r / width);
                RmsNormLoops.gradient(
                        width, dOut + offset, w, x + offset, r, back, dIn + offset);
            }
        }
        if (dWeight != null) {
            long dw = Expect.floats("rmsNorm: dWeight", dWeight, width);
            long part = SCRATCH.bytes(Scratch.floats(width));
            ElementwiseLoops.fill(0, dw, width);
            for (int block = 0; block < count; block += BLOCK) {
                ElementwiseLoops.fill(0, part, width);
                for (int row = block; row < Math.min(block + BLOCK, count); row++) {
                    long offset = (long) row * width * Float.BYTES;
                    float r = F32.get(inverse, row);
                    RmsNormLoops.addProduct(width, dOut + offset, x + offset, r, part);
                }
                ElementwiseLoops.add(dw, part, dw, width);
            }
        }
    }
}
