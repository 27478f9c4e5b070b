package dev.lethe.bench.kernel;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.bench.results.Work;
import dev.lethe.engine.backend.MatMulKernels.Product;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;

/// The most that the machine does: arithmetic in products of square matrices, traffic in copies and
/// triads of arrays of several sizes, each thread on its own. With `-t 2` two threads.
public class RooflineBenchmark extends Measured {
    private static final int SIDE = 1024;
    private static final Product SQUARE = new Product(1, SIDE, SIDE, SIDE, false, false);
    private static final double FLOPS = 2.0 * SIDE * SIDE * SIDE;
    private static final double ELEMENTS = 3.0 * SIDE * SIDE;

    private TensorArena arena;
    private final Buffer[] f32 = new Buffer[3];
    private final Buffer[] f64 = new Buffer[3];

    @Override
    protected void prepare() {
        arena = backend.openLongLived();
        for (int i = 0; i < 3; i++) {
            f32[i] = arena.allocate(DType.F32, (long) SIDE * SIDE);
            f64[i] = arena.allocate(DType.F64, (long) SIDE * SIDE);
            backend.elementwise().fill(0.25 * (i + 1), f32[i]);
            backend.elementwise().fill(0.25 * (i + 1), f64[i]);
        }
        backend.matMul().multiply(SQUARE, f32[0], f32[1], f32[2]);
        backend.matMul().multiply(SQUARE, f64[0], f64[1], f64[2]);
        float[] narrow = new float[SIDE * SIDE];
        double[] wide = new double[SIDE * SIDE];
        backend.download(f32[2], MemorySegment.ofArray(narrow));
        backend.download(f64[2], MemorySegment.ofArray(wide));
        for (int i = 0; i < wide.length; i++) {
            double expected = 0.25 * 0.5 * SIDE; // exact in either type
            if (narrow[i] != expected || wide[i] != expected) {
                throw new IllegalStateException(
                        "roofline: expected %s, got %s and %s"
                                .formatted(expected, narrow[i], wide[i]));
            }
        }
    }

    /// F32.
    @Benchmark
    public void sgemm(Counters counters) {
        backend.matMul().multiply(SQUARE, f32[0], f32[1], f32[2]);
        counters.add(new Work(FLOPS, 0, 4 * ELEMENTS));
    }

    /// F64.
    @Benchmark
    public void dgemm(Counters counters) {
        backend.matMul().multiply(SQUARE, f64[0], f64[1], f64[2]);
        counters.add(new Work(0, FLOPS, 8 * ELEMENTS));
    }

    /// `a = c`.
    @Benchmark
    public void copy(Streams streams, Counters counters) {
        streams.copy();
        counters.add(Work.of(0, 2 * streams.bytes()));
    }

    /// `a = b + s c`.
    @Benchmark
    public void triad(Streams streams, Counters counters) {
        streams.triad();
        counters.add(Work.of(2 * streams.bytes() / Float.BYTES, 3 * streams.bytes()));
    }

    @Override
    protected void release() {
        arena.close();
    }
}
