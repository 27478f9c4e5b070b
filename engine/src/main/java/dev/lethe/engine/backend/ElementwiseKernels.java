package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;

/// Functions of one element at a time. All buffers of a call have one length and, unless said
/// otherwise, one floating-point type; the output is overwritten and may not overlap an input.
///
/// BF16: each function is taken in F32 or wider, of exact inputs and F32 constants, and the element
/// rounded once. `+ - * /` so have one right result, whether rounded from F32 or from the exact
/// value.
public interface ElementwiseKernels {
    enum Unary {
        /// e to the x.
        EXP,
        /// Natural logarithm.
        LOG,
        TANH
    }

    enum Binary {
        ADD,
        SUBTRACT,
        MULTIPLY,
        DIVIDE,
        /// 1 where the elements are equal, else 0; NaN equals nothing.
        EQUAL
    }

    void unary(Unary function, Buffer x, Buffer y);

    void binary(Binary function, Buffer a, Buffer b, Buffer y);

    /// `y += x`: how gradients of micro-batches add up.
    void addTo(Buffer x, Buffer y);

    /// `y = scale x + shift`.
    void affine(double scale, double shift, Buffer x, Buffer y);

    /// As [#affine] without shift, by a factor that is read where it lies when the call runs.
    ///
    /// @param factor one element of the type of sums over x
    void scale(Buffer factor, Buffer x, Buffer y);

    /// `y = x ^ exponent`.
    void power(double exponent, Buffer x, Buffer y);

    /// `y = condition != 0 ? a : b`.
    void where(Buffer condition, Buffer a, Buffer b, Buffer y);

    void fill(double value, Buffer y);

    /// Copies, converting between F32, F64 and BF16 where the types differ. To a shorter type
    /// rounds to nearest even, F64 to BF16 too in one step ([dev.lethe.engine.memory.BFloat16]);
    /// widening is exact.
    void copy(Buffer x, Buffer y);
}
