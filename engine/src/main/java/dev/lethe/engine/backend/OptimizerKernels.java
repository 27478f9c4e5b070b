package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;

/// One pass over a range of the flat parameter buffer. All buffers of a call have one type.
///
/// BF16 (weights and moments kept in BF16, PAPER 1.8): the update is computed in F32 and
/// parameters, m and v rounded once each, so that a move of less than half a unit is lost.
public interface OptimizerKernels {
    /// Decoupled weight decay, moments, bias correction and update, in place (Loshchilov and Hutter 2019):
    /// `g = clip gradient; p *= 1 - lr decay; m, v updated; p -= lr (m/c1) / (sqrt(v/c2) + epsilon)`.
    void adamW(Update update, Buffer parameters, Buffer gradients, Buffer m, Buffer v);

    /// Sum of squares in F64, in an order fixed by the length.
    double squaredNorm(Buffer x);

    /// `correction1 = 1 - beta1^t`, `correction2 = 1 - beta2^t`.
    record Update(
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            double clip,
            double correction1,
            double correction2) {}
}
