package dev.lethe.bench.kernel;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.bench.results.Work;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/// Random numbers into memory. The ceiling is that of writing them; the arithmetic, 10 rounds of
/// 32-bit products a block, is not counted.
public class PhiloxBenchmark extends Measured {
    /// Numbers: a micro-batch of S and of M, and two odd ones.
    @Param({"65536", "163840", "1021", "1000003"})
    int count;

    @Param({"uniform", "normal"})
    String law;

    private final PhiloxStream stream = new PhiloxStream(1, Purpose.PROBE, 0);
    private Distribution distribution;
    private TensorArena arena;
    private Buffer numbers;

    @Override
    protected void prepare() {
        distribution =
                switch (law) {
                    case "uniform" -> Distribution.Uniform.UNIT;
                    case "normal" -> Distribution.Normal.STANDARD;
                    default -> throw new IllegalArgumentException("law: none is named " + law);
                };
        arena = backend.openLongLived();
        numbers = arena.allocate(DType.F32, count);
        backend.random().fill(stream, 3, distribution, numbers);
        float[] got = new float[count];
        backend.download(numbers, MemorySegment.ofArray(got));
        for (int i = 0; i < count; i++) {
            float expected = distribution.f32(stream.bits(3L + i));
            if (got[i] != expected) {
                throw new IllegalStateException(
                        "philox: number %d: expected %s, got %s".formatted(i, expected, got[i]));
            }
        }
    }

    /// One fill.
    @Benchmark
    public void fill(Counters counters) {
        backend.random().fill(stream, 0, distribution, numbers);
        counters.add(Work.of(0, 4.0 * count));
        finish();
    }

    @Override
    protected void release() {
        arena.close();
    }
}
