package dev.lethe.kernels.cpu;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Vectors of floats at raw addresses, in the widest registers that the machine prefers.
///
/// A loop over n elements runs whole vectors up to `bound(n)` and then one vector under the mask
/// `head(n - bound(n))`, whose other lanes load as 0: the tail goes through the same instructions
/// as the rest and so has the same bits.
final class F32 {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();
    static final int BYTES = Float.BYTES;

    private static final FloatVector LANE = FloatVector.zero(SPECIES).addIndex(1); // 0, 1, 2, ...
    private static final IntVector INDEX =
            IntVector.zero(SPECIES.withLanes(int.class)).addIndex(1);
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private F32() {}

    /// Elements of n that whole vectors cover.
    static int bound(int n) {
        return n & -LANES;
    }

    /// n rounded up to whole vectors.
    static int padded(int n) {
        return (n + LANES - 1) & -LANES;
    }

    /// The first `count` lanes.
    static VectorMask<Float> head(int count) {
        return LANE.compare(VectorOperators.LT, count);
    }

    /// `count` lanes from `start` on, as far as they exist: either may reach beyond the vector.
    static VectorMask<Float> run(int start, int count) {
        return INDEX.sub(start).compare(VectorOperators.ULT, count).cast(SPECIES);
    }

    static FloatVector all(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    /// The vector that starts at element `index` of the array at `base`.
    static FloatVector load(long base, int index) {
        return FloatVector.fromMemorySegment(
                SPECIES, HostMemory.ALL, base + (long) index * BYTES, ORDER);
    }

    static FloatVector load(long base, int index, VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(
                SPECIES, HostMemory.ALL, base + (long) index * BYTES, ORDER, mask);
    }

    static void store(long base, int index, FloatVector value) {
        value.intoMemorySegment(HostMemory.ALL, base + (long) index * BYTES, ORDER);
    }

    static void store(long base, int index, FloatVector value, VectorMask<Float> mask) {
        value.intoMemorySegment(HostMemory.ALL, base + (long) index * BYTES, ORDER, mask);
    }

    /// One element.
    static float get(long base, int index) {
        return HostMemory.f32(base + (long) index * BYTES);
    }

    static void set(long base, int index, float value) {
        HostMemory.f32(base + (long) index * BYTES, value);
    }
}
