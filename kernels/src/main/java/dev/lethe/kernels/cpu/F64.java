package dev.lethe.kernels.cpu;

import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Vectors of doubles at raw addresses; two of them hold what one of [F32] holds.
final class F64 {
    static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();
    static final int BYTES = Double.BYTES;

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private F64() {}

    static int bound(int n) {
        return n & -LANES;
    }

    static DoubleVector all(double value) {
        return DoubleVector.broadcast(SPECIES, value);
    }

    static DoubleVector load(long base, int index) {
        return DoubleVector.fromMemorySegment(
                SPECIES, HostMemory.ALL, base + (long) index * BYTES, ORDER);
    }

    static void store(long base, int index, DoubleVector value) {
        value.intoMemorySegment(HostMemory.ALL, base + (long) index * BYTES, ORDER);
    }

    /// The lower half of the lanes, widened; exact.
    static DoubleVector lower(FloatVector v) {
        return (DoubleVector) v.convertShape(VectorOperators.F2D, SPECIES, 0);
    }

    static DoubleVector upper(FloatVector v) {
        return (DoubleVector) v.convertShape(VectorOperators.F2D, SPECIES, 1);
    }

    /// `sums[index..] += v`, in F64.
    static void accumulate(long sums, int index, FloatVector v) {
        store(sums, index, load(sums, index).add(lower(v)));
        int next = index + LANES;
        store(sums, next, load(sums, next).add(upper(v)));
    }

    static double get(long base, int index) {
        return HostMemory.f64(base + (long) index * BYTES);
    }

    static void set(long base, int index, double value) {
        HostMemory.f64(base + (long) index * BYTES, value);
    }
}
