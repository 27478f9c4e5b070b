package dev.lethe.kernels.cpu;

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
            ElementwiseLoops.fill(0, z, vocabulary);
        }
        return 0;
    }

    /// `log sum e^y - y[target]`; gradient `p - onehot`.
    double crossEntropy(long z, int target) {
        float max = cap(z, cap);
        float sum = RowLoops.exponentials(vocabulary, z, max, e);
        float y = F32.get(z, target);
        if (wantsGradient) {
            float share = y * inner();
            float d = (F32.get(e, target) / sum - 1) * scale * (1 - share * share);
            LogitLoops.gradient(vocabulary, z, e, scale / sum, 0, inner());
            F32.set(z, target, d);
        }
        return StrictMath.log(sum) + max - y;
    }

    /// `sum q (log q - log p)`, q of the teacher; gradient `p - q`.
    double kl(long z, long teacherZ, float teacherCap) {
        float max = cap(z, cap);
        float sum = RowLoops.exponentials(vocabulary, z, max, e);
        float teacherMax = cap(teacherZ, teacherCap);
        float teacherSum = RowLoops.exponentials(vocabulary, teacherZ, teacherMax, teacherE);
        double logRatio =
                StrictMath.log(sum) + max - StrictMath.log(teacherSum) - (double) teacherMax;
        double difference = RowLoops.dotDifference(vocabulary, teacherE, teacherZ, z);
        if (wantsGradient) {
            LogitLoops.gradient(
                    vocabulary, z, e, scale / sum, teacherE, -scale / teacherSum, inner());
        }
        return difference / teacherSum + logRatio;
    }

    /// `-log V - mean(y) + log sum e^y`; gradient `p - 1/V`.
    double uniformKl(long z) {
        float max = cap(z, cap);
        float sum = RowLoops.exponentials(vocabulary, z, max, e);
        double mean = RowLoops.sum(vocabulary, z) / (double) vocabulary;
        if (wantsGradient) {
            LogitLoops.gradient(vocabulary, z, e, scale / sum, -scale / vocabulary, inner());
        }
        return StrictMath.log(sum) + max - mean - StrictMath.log(vocabulary);
    }

    private float inner() {
        return cap > 0 ? 1 / cap : 0;
    }

    /// Caps the row in place; the largest of it.
    private float cap(long z, float cap) {
        if (cap > 0) {
            LogitLoops.cap(vocabulary, z, cap);
        }
        return RowLoops.max(vocabulary, z);
    }
}
