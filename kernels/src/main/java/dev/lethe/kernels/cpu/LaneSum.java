package dev.lethe.kernels.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Sums and maxima over the lanes of one vector, as a tree of fixed order.
///
/// `reduceLanes` promises no order. Here the upper half of the lanes is added to the lower half
/// until two are left: 16 lanes give `s_i = v_i + v_(i+8)`, then `+ s_(i+4)`, `+ s_(i+2)`, and `s_0
/// + s_1`.
final class LaneSum {
    private static final VectorShuffle<Float> F32_BY_8 = fold(F32.SPECIES, 8);
    private static final VectorShuffle<Float> F32_BY_4 = fold(F32.SPECIES, 4);
    private static final VectorShuffle<Float> F32_BY_2 = fold(F32.SPECIES, 2);
    private static final VectorShuffle<Double> F64_BY_4 = fold(F64.SPECIES, 4);
    private static final VectorShuffle<Double> F64_BY_2 = fold(F64.SPECIES, 2);

    private LaneSum() {}

    /// Lane i takes lane `i + distance`, round the end.
    private static <E> VectorShuffle<E> fold(VectorSpecies<E> species, int distance) {
        return VectorShuffle.fromOp(species, i -> (i + distance) & (species.length() - 1));
    }

    static float sum(FloatVector v) {
        if (F32.LANES > 8) {
            v = v.add(v.rearrange(F32_BY_8));
        }
        if (F32.LANES > 4) {
            v = v.add(v.rearrange(F32_BY_4));
        }
        if (F32.LANES > 2) {
            v = v.add(v.rearrange(F32_BY_2));
        }
        return v.lane(0) + v.lane(1);
    }

    static double sum(DoubleVector v) {
        if (F64.LANES > 4) {
            v = v.add(v.rearrange(F64_BY_4));
        }
        if (F64.LANES > 2) {
            v = v.add(v.rearrange(F64_BY_2));
        }
        return v.lane(0) + v.lane(1);
    }

    /// The largest lane; NaN wins.
    static float max(FloatVector v) {
        if (F32.LANES > 8) {
            v = v.max(v.rearrange(F32_BY_8));
        }
        if (F32.LANES > 4) {
            v = v.max(v.rearrange(F32_BY_4));
        }
        if (F32.LANES > 2) {
            v = v.max(v.rearrange(F32_BY_2));
        }
        return Math.max(v.lane(0), v.lane(1));
    }

    /// The lanes of `max`, raised where `v` is greater; a NaN in `v` is passed over, which is
    /// enough where the sum that follows meets it again.
    static FloatVector raise(FloatVector max, FloatVector v) {
        return max.blend(v, v.compare(VectorOperators.GT, max));
    }
}
