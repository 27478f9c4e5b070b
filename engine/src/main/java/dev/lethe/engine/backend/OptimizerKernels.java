package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;

/// AdamW over ranges of the flat parameter buffer, and the global norm that clips its gradients.
///
/// What changes from step to step lies in a buffer of F64, one element a [StepValue], and is read
/// where the kernels run: the calls of a step are the same every time and wait for nothing, so that
/// a device may record and repeat them. Parameters, gradients and moments of a call have one type.
///
/// BF16 (weights and moments kept in BF16, PAPER 1.8): the update is computed in F32 and
/// parameters, m and v rounded once each, so that a move of less than half a unit is lost.
public interface OptimizerKernels {
    /// Decoupled weight decay, moments, bias correction and update, in place (Loshchilov and Hutter
    /// 2019): `g = clip gradient; p *= keep; m, v updated; p -= rate m / (sqrt(v correction) +
    /// epsilon)`.
    /// Changes nothing where `clip` is NaN.
    ///
    /// @param rounded BF16, set to the new parameters rounded to nearest even: the weights of
    ///     masters. Null for none
    void adamW(
            Rule rule,
            Buffer step,
            Buffer parameters,
            Buffer gradients,
            Buffer m,
            Buffer v,
            Buffer rounded);

    /// Sum of squares in F64, in an order fixed by the length, into the one F64 element of `sum`.
    void squaredNorm(Buffer x, Buffer sum);

    /// Writes norm, clip and refused of the step ([Clipping]): `norm` is the root of the sum of
    /// `squares`, F64; `clip` the factor that brings it down to `clipNorm`, at most 1. Where the
    /// norm is not finite, or was not in a step before, clip is NaN, `refused` grows by 1, and the
    /// first such norm is kept.
    void clip(double clipNorm, Buffer squares, Buffer step);

    /// Whether neighbours are best taken in one call: one launch keeps a whole device busy, while
    /// threads of a host share out ranges.
    default boolean joinsRanges() {
        return false;
    }

    /// The three values that [#clip] writes.
    record Clipping(double norm, double factor, double refused) {
        /// What follows `before` for gradients of that norm.
        public static Clipping of(double clipNorm, double norm, Clipping before) {
            if (before.refused > 0 || !Double.isFinite(norm)) {
                double first = before.refused > 0 ? before.norm : norm;
                return new Clipping(first, Double.NaN, before.refused + 1);
            }
            // torch: the constant keeps a zero norm finite and is part of the reference's numbers.
            return new Clipping(norm, Math.min(1, clipNorm / (norm + 1e-6)), 0);
        }
    }

    /// What is the same in all steps.
    record Rule(double beta1, double beta2, double epsilon) {}

    /// Places in a step's buffer. The first three are the host's to write before a step.
    enum StepValue {
        /// `1 - lr decay`.
        KEEP,
        /// `lr / (1 - beta1^t)`.
        RATE,
        /// `1 / (1 - beta2^t)`.
        CORRECTION,
        /// Global norm of the gradients before clipping.
        NORM,
        CLIP,
        /// Steps whose update was left out.
        REFUSED;

        public static final int COUNT = values().length;
    }
}
