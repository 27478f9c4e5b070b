package dev.lethe.bench.kernel;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/// What an operation is given: the same numbers on every backend.
sealed interface Input {
    /// On a backend, in an arena; F32 numbers even where they are held in F64.
    ///
    /// @param stream tells inputs apart
    Tensor on(Backend backend, TensorArena arena, DType dtype, int stream);

    static Input normal(double deviation, int... dims) {
        return new Normal(Shape.of(dims), deviation, true);
    }

    /// Normal numbers that no gradient is taken of.
    static Input constant(double deviation, int... dims) {
        return new Normal(Shape.of(dims), deviation, false);
    }

    /// Numbers from 0 to `bound - 1`.
    static Input ids(int bound, int... dims) {
        return new Ids(Shape.of(dims), 0, bound);
    }

    static Input ones(int... dims) {
        return new Ids(Shape.of(dims), 1, 1);
    }

    /// Normal numbers.
    record Normal(Shape shape, double deviation, boolean differentiated) implements Input {
        @Override
        public Tensor on(Backend backend, TensorArena arena, DType dtype, int stream) {
            Buffer values = arena.allocate(DType.F32, shape.size());
            backend.random()
                    .fill(
                            new PhiloxStream(1, Purpose.PROBE, stream),
                            0,
                            new Distribution.Normal(0, deviation),
                            values);
            if (dtype == DType.F64) {
                Buffer wide = arena.allocate(DType.F64, shape.size());
                backend.elementwise().copy(values, wide);
                values = wide;
            }
            return Tensor.leaf(backend, values, shape, differentiated);
        }
    }

    /// `count` different integers, the least of them `first`.
    record Ids(Shape shape, int first, int count) implements Input {
        @Override
        public Tensor on(Backend backend, TensorArena arena, DType dtype, int stream) {
            PhiloxStream random = new PhiloxStream(1, Purpose.PROBE, stream);
            int[] ids =
                    IntStream.range(0, (int) shape.size())
                            .map(i -> first + random.below(i, count))
                            .toArray();
            Buffer values = arena.allocate(DType.I32, shape.size());
            backend.upload(MemorySegment.ofArray(ids), values);
            return Tensor.leaf(backend, values, shape, false);
        }
    }
}
