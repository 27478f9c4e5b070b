package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.memory.Buffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

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
            double meanSquare = dot(in + offset, in + offset, width) / width;
            float r = (float) (1 / Math.sqrt(meanSquare + rows.epsilon()));
            F32.set(inverse, row, r);
            scale(in + offset, w, r, out + offset, width);
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
                float along = dotWeighted(dOut + offset, w, x + offset, width);
                float back = (float) (-(double) along * r * r * r / width);
                gradient(dOut + offset, w, x + offset, r, back, dIn + offset, width);
            }
        }
        if (dWeight != null) {
            long dw = Expect.floats("rmsNorm: dWeight", dWeight, width);
            long part = SCRATCH.bytes(Scratch.floats(width));
            ElementwiseF32.fill(0, dw, width);
            for (int block = 0; block < count; block += BLOCK) {
                ElementwiseF32.fill(0, part, width);
                for (int row = block; row < Math.min(block + BLOCK, count); row++) {
                    long offset = (long) row * width * Float.BYTES;
                    addProduct(dOut + offset, x + offset, F32.get(inverse, row), part, width);
                }
                ElementwiseF32.add(dw, part, dw, width);
            }
        }
    }

    private static float dot(long a, long b, int n) {
        FloatVector even = F32.all(0);
        FloatVector odd = F32.all(0); // two chains, because each waits for its own last addition
        int i = 0;
        for (; i < n - 2 * LANES + 1; i += 2 * LANES) {
            even = load(a, i).fma(load(b, i), even);
            odd = load(a, i + LANES).fma(load(b, i + LANES), odd);
        }
        for (; i < bound(n); i += LANES) {
            even = load(a, i).fma(load(b, i), even);
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            odd = load(a, i, tail).fma(load(b, i, tail), odd);
        }
        return LaneSum.sum(even.add(odd));
    }

    /// `sum dy (1 + w) x`.
    private static float dotWeighted(long dy, long w, long x, int n) {
        FloatVector sum = F32.all(0);
        int i = 0;
        for (; i < bound(n); i += LANES) {
            sum = load(dy, i).mul(load(w, i).add(1)).fma(load(x, i), sum);
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            sum = load(dy, i, tail).mul(load(w, i, tail).add(1)).fma(load(x, i, tail), sum);
        }
        return LaneSum.sum(sum);
    }

    private static void scale(long x, long w, float r, long y, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(y, i, load(x, i).mul(r).mul(load(w, i).add(1)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            store(y, i, load(x, i, tail).mul(r).mul(load(w, i, tail).add(1)), tail);
        }
    }

    /// `dx = r dy (1 + w) + back x`.
    private static void gradient(
            long dy, long w, long x, float r, float back, long dx, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            FloatVector g = load(dy, i).mul(load(w, i).add(1));
            store(dx, i, g.fma(F32.all(r), load(x, i).mul(back)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector g = load(dy, i, tail).mul(load(w, i, tail).add(1));
            store(dx, i, g.fma(F32.all(r), load(x, i, tail).mul(back)), tail);
        }
    }

    /// `sum += dy x r`.
    private static void addProduct(long dy, long x, float r, long sum, int n) {
        int i = 0;
        for (; i < bound(n); i += LANES) {
            store(sum, i, load(dy, i).fma(load(x, i).mul(r), load(sum, i)));
        }
        if (i < n) {
            VectorMask<Float> tail = head(n - i);
            FloatVector scaled = load(x, i, tail).mul(r);
            store(sum, i, load(dy, i, tail).fma(scaled, load(sum, i, tail)), tail);
        }
    }
}
