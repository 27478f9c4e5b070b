package dev.lethe.engine.contract;

import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.DType;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/// Seeded test data: the same in every run, exact in the type that is tested.
final class Numbers {
    /// One, primes, and both sides of the lengths of vectors, warps and tiles.
    static final int[] ODD_SIZES = {1, 2, 3, 7, 15, 16, 17, 31, 33, 64, 67, 130};

    private final SplittableRandom random;
    private final DType dtype;

    Numbers(long seed, DType dtype) {
        this.random = new SplittableRandom(seed);
        this.dtype = dtype;
    }

    /// Normal numbers of mean 0 and deviation `scale`.
    double[] normal(double scale, int count) {
        return DoubleStream.generate(() -> scale * random.nextGaussian())
                .map(exact(dtype))
                .limit(count)
                .toArray();
    }

    double[] uniform(double from, double to, int count) {
        return DoubleStream.generate(() -> random.nextDouble(from, to))
                .map(exact(dtype))
                .limit(count)
                .toArray();
    }

    /// Numbers from `from` to `to - 1`.
    int[] ids(int from, int to, int count) {
        return IntStream.generate(() -> random.nextInt(from, to)).limit(count).toArray();
    }

    static double[] exact(DType dtype, double... values) {
        return DoubleStream.of(values).map(exact(dtype)).toArray();
    }

    private static DoubleUnaryOperator exact(DType dtype) {
        return dtype == DType.BF16 ? BFloat16::round : Precision.of(dtype)::round;
    }

    static double[] absolute(double[] values) {
        return DoubleStream.of(values).map(Math::abs).toArray();
    }

    static double[] filled(double value, int count) {
        return DoubleStream.generate(() -> value).limit(count).toArray();
    }

    /// Root mean square, 0 for nothing.
    static double rms(double[] values) {
        return Math.sqrt(DoubleStream.of(values).map(x -> x * x).average().orElse(0));
    }
}
