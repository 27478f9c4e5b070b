package dev.lethe.kernels.cpu;

import static dev.lethe.kernels.cpu.F32.LANES;
import static dev.lethe.kernels.cpu.F32.all;
import static dev.lethe.kernels.cpu.F32.bound;
import static dev.lethe.kernels.cpu.F32.head;
import static dev.lethe.kernels.cpu.F32.load;
import static dev.lethe.kernels.cpu.F32.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The row losses of [CpuLinearLoss]: each takes a row of raw logits z, returns the loss, and, when
/// `wantsGradient`, leaves in the row the gradient `scale dLoss/dy (1 - (y/cap)^2)`, y being the
/// capped logits.
///
/// @param e scratch for the row's exponentials
/// @param teacherE the same for the teacher
record LogitRows(
        int vocabulary, float cap, float scale, boolean wantsGradient, long e, long teacherE) {
    /// A row that counts nothing.
    double ignored(long z) {
        if (wantsGradient) {
            ElementwiseF32.fill(0, z, vocabulary);
        }
        return 0;
    }

    /// `log sum e^y - y[target]`; gradient `p - onehot`.
    double crossEntropy(long z, int target) {
        float max = cap(z, cap);
        float sum = exponentials(z, max, e);
        float y = F32.get(z, target);
        if (wantsGradient) {
            float weight = (F32.get(e, target) / sum - 1) * scale * slope(y);
            gradient(z, scale / sum, 0);
            F32.set(z, target, weight);
        }
        return StrictMath.log(sum) + max - y;
    }

    /// `sum q (log q - log p)`, q of the teacher; gradient `p - q`.
    double kl(long z, long teacherZ, float teacherCap) {
        float max = cap(z, cap);
        float sum = exponentials(z, max, e);
        float teacherMax = cap(teacherZ, teacherCap);
        float teacherSum = exponentials(teacherZ, teacherMax, teacherE);
        double logRatio =
                StrictMath.log(sum) + max - StrictMath.log(teacherSum) - (double) teacherMax;
        double loss = dotDifference(teacherE, teacherZ, z) / (double) teacherSum + logRatio;
        if (wantsGradient) {
            klGradient(z, scale / sum, -scale / teacherSum);
        }
        return loss;
    }

    /// `-log V - mean(y) + log sum e^y`; gradient `p - 1/V`.
    double uniformKl(long z) {
        float max = cap(z, cap);
        float sum = exponentials(z, max, e);
        double loss =
                StrictMath.log(sum) + max - total(z) / (double) vocabulary
                        - StrictMath.log(vocabulary);
        if (wantsGradient) {
            gradient(z, scale / sum, -scale / vocabulary);
        }
        return loss;
    }

    private float slope(float y) {
        float share = cap > 0 ? y / cap : 0;
        return 1 - share * share;
    }

    /// `y = cap tanh(z / cap)` in place, and the largest.
    private float cap(long z, float cap) {
        FloatVector max = all(Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i < bound(vocabulary); i += LANES) {
            FloatVector y = capped(load(z, i), cap);
            store(z, i, y);
            max = LaneSum.raise(max, y);
        }
        if (i < vocabulary) {
            VectorMask<Float> tail = head(vocabulary - i);
            FloatVector y = capped(load(z, i, tail), cap);
            store(z, i, y, tail);
            max = max.blend(LaneSum.raise(max, y), tail);
        }
        return LaneSum.max(max);
    }

    private static FloatVector capped(FloatVector z, float cap) {
        return cap > 0 ? VectorMath.tanh(z.div(cap)).mul(cap) : z;
    }

    /// `e = exp(y - max)`, and the sum.
    private float exponentials(long y, float max, long e) {
        FloatVector sum = all(0);
        int i = 0;
        for (; i < bound(vocabulary); i += LANES) {
            FloatVector one = VectorMath.exp(load(y, i).sub(max));
            store(e, i, one);
            sum = sum.add(one);
        }
        if (i < vocabulary) {
            VectorMask<Float> tail = head(vocabulary - i);
            FloatVector one = VectorMath.exp(load(y, i, tail).sub(max));
            store(e, i, one, tail);
            sum = sum.blend(sum.add(one), tail);
        }
        return LaneSum.sum(sum);
    }

    /// `(factor e + shift) (1 - (y/cap)^2)` in place of y.
    private void gradient(long y, float factor, float shift) {
        float inverse = cap > 0 ? 1 / cap : 0;
        int i = 0;
        for (; i < bound(vocabulary); i += LANES) {
            FloatVector share = load(y, i).mul(inverse);
            FloatVector d = load(e, i).fma(all(factor), all(shift));
            store(y, i, d.mul(all(1).sub(share.mul(share))));
        }
        if (i < vocabulary) {
            VectorMask<Float> tail = head(vocabulary - i);
            FloatVector share = load(y, i, tail).mul(inverse);
            FloatVector d = load(e, i, tail).fma(all(factor), all(shift));
            store(y, i, d.mul(all(1).sub(share.mul(share))), tail);
        }
    }

    private void klGradient(long y, float factor, float teacherFactor) {
        float inverse = cap > 0 ? 1 / cap : 0;
        int i = 0;
        for (; i < bound(vocabulary); i += LANES) {
            FloatVector share = load(y, i).mul(inverse);
            FloatVector q = load(teacherE, i).mul(teacherFactor);
            FloatVector d = load(e, i).fma(all(factor), q);
            store(y, i, d.mul(all(1).sub(share.mul(share))));
        }
        if (i < vocabulary) {
            VectorMask<Float> tail = head(vocabulary - i);
            FloatVector share = load(y, i, tail).mul(inverse);
            FloatVector q = load(teacherE, i, tail).mul(teacherFactor);
            FloatVector d = load(e, i, tail).fma(all(factor), q);
            store(y, i, d.mul(all(1).sub(share.mul(share))), tail);
        }
    }

    /// `sum w (a - b)`.
    private float dotDifference(long w, long a, long b) {
        FloatVector sum = all(0);
        int i = 0;
        for (; i < bound(vocabulary); i += LANES) {
            sum = load(w, i).fma(load(a, i).sub(load(b, i)), sum);
        }
        if (i < vocabulary) {
            VectorMask<Float> tail = head(vocabulary - i);
            sum = load(w, i, tail).fma(load(a, i, tail).sub(load(b, i, tail)), sum);
        }
        return LaneSum.sum(sum);
    }

    private float total(long y) {
        FloatVector sum = all(0);
        int i = 0;
        for (; i < bound(vocabulary); i += LANES) {
            sum = sum.add(load(y, i));
        }
        if (i < vocabulary) {
            sum = sum.add(load(y, i, head(vocabulary - i)));
        }
        return LaneSum.sum(sum);
    }
}
