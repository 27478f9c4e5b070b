package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.Known;
import dev.lethe.engine.memory.Shape;

/// Kernel of [dev.lethe.engine.autograd.Rope], rotate-half layout. In BF16 sines, cosines and
/// products are F32; each element is rounded once.
public interface RopeKernels {
    /// Rotates `[batch, tokens, heads, headDim]` by position; `inverse` turns the other way, which is
    /// both the inverse and the adjoint.
    void rotate(Rotation rotation, boolean inverse, Buffer x, Buffer y);

    /// By how much pair j of a head turns at a position, in radians. Its sine and cosine are to be
    /// [StrictMath]'s, like the power here: the same bits on every machine.
    static double angle(int position, int j, int headDim, double theta) {
        return position * StrictMath.pow(theta, -2.0 * j / headDim);
    }

    /// Row t has position `firstPosition + t`; pair j turns by `position theta^(-2j/headDim)` radians.
    record Rotation(
            int batch, int tokens, int heads, int headDim, double theta, int firstPosition) {
        private static final Known<Rotation> KNOWN = new Known<>(1 << 6);

        /// The rotation of a tensor of that shape, made once.
        ///
        /// @param x `[batch, tokens, heads, headDim]`
        public static Rotation of(Shape x, double theta, int firstPosition) {
            int hash = 31 * (31 * x.hashCode() + Double.hashCode(theta)) + firstPosition;
            Rotation known = KNOWN.get(hash);
            boolean same =
                    known != null
                            && known.batch == x.dim(0)
                            && known.tokens == x.dim(1)
                            && known.heads == x.dim(2)
                            && known.headDim == x.dim(3)
                            && known.theta == theta
                            && known.firstPosition == firstPosition;
            return same
                    ? known
                    : KNOWN.keep(
                            hash,
                            new Rotation(
                                    x.dim(0), x.dim(1), x.dim(2), x.dim(3), theta, firstPosition));
        }
    }
}
