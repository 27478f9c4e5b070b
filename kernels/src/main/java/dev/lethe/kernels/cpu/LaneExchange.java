package dev.lethe.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// Two vectors swap halves of each run of `2 apart` lanes: the upper of the first and the lower of
/// the second.
///
/// @param up lane i takes lane `i - apart`
/// @param down lane i takes lane `i + apart`
/// @param upper the second half of each run
record LaneExchange(
        VectorShuffle<Float> up, VectorShuffle<Float> down, VectorMask<Float> upper) {
    static LaneExchange of(int apart) {
        long bits = 0;
        for (int i = 0; i < F32.LANES; i++) {
            bits |= (i & apart) == 0 ? 0 : 1L << i;
        }
        return new LaneExchange(
                VectorShuffle.fromOp(F32.SPECIES, i -> (i - apart) & (F32.LANES - 1)),
                VectorShuffle.fromOp(F32.SPECIES, i -> (i + apart) & (F32.LANES - 1)),
                VectorMask.fromLong(F32.SPECIES, bits));
    }

    /// What the first becomes.
    FloatVector first(FloatVector a, FloatVector b) {
        return a.blend(b.rearrange(up), upper);
    }

    /// What the second becomes.
    FloatVector second(FloatVector a, FloatVector b) {
        return a.rearrange(down).blend(b, upper);
    }
}
