package dev.lethe.bench.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// Three arrays to be streamed, a cache's or memory's size each, as in STREAM (McCalpin 1995).
@State(Scope.Thread)
public class Streams {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final float FACTOR = 3;

    /// Of one array: second-level cache, third-level cache, memory.
    @Param({"96", "2048", "131072"})
    int kib;

    private Arena arena;
    private MemorySegment a;
    private MemorySegment b;
    private MemorySegment c;

    /// Allocates, and sees that both loops do what they say.
    @Setup(Level.Trial)
    public void open() {
        arena = Arena.ofConfined();
        a = arena.allocate(1024L * kib, 64);
        b = arena.allocate(1024L * kib, 64);
        c = arena.allocate(1024L * kib, 64);
        for (long i = 0; i < a.byteSize() / Float.BYTES; i++) {
            b.setAtIndex(F32, i, i % 7);
            c.setAtIndex(F32, i, i % 5);
        }
        triad();
        require(7, 5);
        copy();
        require(1, 5);
    }

    /// Every element is what the loops say, exactly.
    private void require(int inB, int inC) {
        for (long i = 0; i < a.byteSize() / Float.BYTES; i++) {
            float expected = inB == 1 ? i % inC : i % inB + FACTOR * (i % inC);
            if (a.getAtIndex(F32, i) != expected) {
                throw new IllegalStateException(
                        "bandwidth: element %d: expected %s, got %s"
                                .formatted(i, expected, a.getAtIndex(F32, i)));
            }
        }
    }

    /// `a = c`.
    void copy() {
        MemorySegment.copy(c, 0, a, 0, a.byteSize());
    }

    /// Bytes of one array.
    double bytes() {
        return a.byteSize();
    }

    /// `a = b + s c`.
    void triad() {
        long bytes = a.byteSize(); // a multiple of every vector's size
        FloatVector factor = FloatVector.broadcast(SPECIES, FACTOR);
        for (long at = 0; at < bytes; at += SPECIES.vectorByteSize()) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, b, at, ORDER);
            FloatVector y = FloatVector.fromMemorySegment(SPECIES, c, at, ORDER);
            y.fma(factor, x).intoMemorySegment(a, at, ORDER);
        }
    }

    /// Gives the memory back.
    @TearDown(Level.Trial)
    public void close() {
        arena.close();
    }
}
