package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.Known;

/// Kernels of [dev.lethe.engine.autograd.RmsNorm] on rows of `width` elements.
///
/// BF16 x, weight and gradients: `inverseRms` is F32 and so is every sum; y, dx and each element of
/// dWeight, summed over all rows, are rounded once.
public interface RmsNormKernels {
    /// `y = x r (1 + w)` and `r = 1 / sqrt(mean(x^2) + epsilon)` a row, r kept for the backward pass.
    void forward(Rows rows, Buffer x, Buffer weight, Buffer y, Buffer inverseRms);

    /// Overwrites `dx` and `dWeight`; either may be null when it is not wanted.
    void backward(Rows rows, Saved saved, Buffer dy, Buffer dx, Buffer dWeight);

    record Rows(int count, int width, double epsilon) {
        private static final Known<Rows> KNOWN = new Known<>(1 << 6);

        /// Rows of that kind, made once.
        public static Rows of(int count, int width, double epsilon) {
            int hash = (count * 31 + width) * 31 + Double.hashCode(epsilon);
            Rows known = KNOWN.get(hash);
            boolean same =
                    known != null
                            && known.count == count
                            && known.width == width
                            && known.epsilon == epsilon;
            return same ? known : KNOWN.keep(hash, new Rows(count, width, epsilon));
        }
    }

    record Saved(Buffer x, Buffer weight, Buffer inverseRms) {}
}
