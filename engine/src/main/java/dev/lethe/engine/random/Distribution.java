package dev.lethe.engine.random;

import dev.lethe.engine.memory.BFloat16;

/// A law that turns 64 random bits into one number: the same bits give the same number everywhere,
/// by IEEE F64 operations in a stated order.
public sealed interface Distribution permits Distribution.Uniform, Distribution.Normal {
    /// The draw in F64.
    double f64(long bits);

    /// The draw in F32: [#f64] rounded to nearest, save where a law says otherwise.
    float f32(long bits);

    /// The draw in BF16: [#f32] rounded to nearest even, save where a law says otherwise.
    default short bf16(long bits) {
        return BFloat16.of(f32(bits));
    }

    /// Uniform in [low, high): the upper 53 bits as a number k give u = k 2^-53 in [0, 1), and the
    /// draw is `fma(u, high - low, low)`. A draw that rounds up to `high` or beyond becomes the
    /// number just below, in F64, F32 and BF16 alike.
    record Uniform(double low, double high) implements Distribution {
        /// [0, 1).
        public static final Uniform UNIT = new Uniform(0, 1);

        public Uniform {
            if (!(low < high) || !Double.isFinite(high - low)) {
                throw new IllegalArgumentException(
                        "uniform: low must be below high, both and their difference finite, got ["
                                + low
                                + ", "
                                + high
                                + "); give low < high");
            }
        }

        @Override
        public double f64(long bits) {
            double x = Math.fma((bits >>> 11) * 0x1p-53, high - low, low);
            return x < high ? x : Math.nextDown(high);
        }

        @Override
        public float f32(long bits) {
            float x = (float) f64(bits);
            return x < high ? x : Math.nextDown(x);
        }

        @Override
        public short bf16(long bits) {
            short x = BFloat16.of(f32(bits));
            return BFloat16.toFloat(x) < high ? x : BFloat16.nextDown(x);
        }
    }

    /// Normal with the given mean and standard deviation: `fma(standardDeviation, z, mean)` with z
    /// from the upper 52 bits by inversion (Wichura 1988, AS 241). No draw is further than 8.21
    /// deviations from the mean.
    record Normal(double mean, double standardDeviation) implements Distribution {
        /// Mean 0, standard deviation 1.
        public static final Normal STANDARD = new Normal(0, 1);

        public Normal {
            if (!Double.isFinite(mean)
                    || !Double.isFinite(standardDeviation)
                    || standardDeviation < 0) {
                throw new IllegalArgumentException(
                        "normal: mean must be finite, standard deviation finite and at least 0,"
                                + " got "
                                + mean
                                + " and "
                                + standardDeviation
                                + "; correct the one that is not");
            }
        }

        @Override
        public double f64(long bits) {
            return Math.fma(standardDeviation, NormalQuantile.ofBits(bits), mean);
        }

        @Override
        public float f32(long bits) {
            return (float) f64(bits);
        }
    }
}
