package dev.lethe.engine.random;

/// Standard normals by inversion: z = Phi^-1(p) after Wichura (1988), Algorithm AS 241, PPND16,
/// whose own error is about 1e-16 relative.
///
/// Every operation is an IEEE F64 `fma`, division, square root or single product, in the order
/// written, so that another backend that does the same gets the same bits (device code is compiled
/// without contraction of its own). The logarithm is ours too: library logarithms differ in their
/// last bits from machine to machine.
final class NormalQuantile {
    /// |p - 1/2| up to which the central fraction serves, and its square.
    private static final double CENTRAL_HALF_WIDTH = 0.425;

    private static final double CENTRAL_SQUARED = 0.180625;

    /// sqrt(-log p) at which the far tail begins, and the points about which the two tails are
    /// developed.
    private static final double FAR = 5.0;

    private static final double NEAR_CENTER = 1.6;

    private static final double LN2_HIGH = 0x1.62e42fefa39efp-1;

    /// log 2 less [#LN2_HIGH].
    private static final double LN2_LOW = 0x1.abc9e3b39803fp-56;

    private static final double SQRT2 = 0x1.6a09e667f3bcdp0;

    /// Numerators and denominators of AS 241, from the highest power down.
    private static final double[] CENTRAL_NUMERATOR = {
        2.5090809287301226727e+3,
        3.3430575583588128105e+4,
        6.7265770927008700853e+4,
        4.5921953931549871457e+4,
        1.3731693765509461125e+4,
        1.9715909503065514427e+3,
        1.3314166789178437745e+2,
        3.3871328727963666080e+0
    };

    private static final double[] CENTRAL_DENOMINATOR = {
        5.2264952788528545610e+3,
        2.8729085735721942674e+4,
        3.9307895800092710610e+4,
        2.1213794301586595867e+4,
        5.3941960214247511077e+3,
        6.8718700749205790830e+2,
        4.2313330701600911252e+1,
        1.0
    };

    private static final double[] NEAR_NUMERATOR = {
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e+0,
        3.64784832476320460504e+0,
        5.76949722146069140550e+0,
        4.63033784615654529590e+0,
        1.42343711074968357734e+0
    };

    private static final double[] NEAR_DENOMINATOR = {
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e+0,
        2.05319162663775882187e+0,
        1.0
    };

    private static final double[] FAR_NUMERATOR = {
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580e+0,
        5.46378491116411436990e+0,
        6.65790464350110377720e+0
    };

    private static final double[] FAR_DENOMINATOR = {
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0
    };

    /// 2/21, 2/19, ... 2/3: twice the series of artanh(s)/s - 1 in s^2, from the highest power
    /// down.
    private static final double[] ARTANH = {
        2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13,
        2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3
    };

    private NormalQuantile() {}

    /// The standard normal for 64 random bits: the upper 52 as a number k give p = (2k + 1) 2^-53,
    /// which is never 0, 1 or 1/2 and has 1 - p among its own values, so the law is symmetric to
    /// the last bit. |z| <= 8.2096.
    static double ofBits(long bits) {
        return of(((bits >>> 12) + 0.5) * 0x1p-52);
    }

    /// Phi^-1(p) for p in (0, 1); exact arguments are those where p - 1/2 and 1 - p are exact, as
    /// in [#ofBits].
    static double of(double p) {
        double q = p - 0.5;
        if (Math.abs(q) <= CENTRAL_HALF_WIDTH) {
            double r = Math.fma(-q, q, CENTRAL_SQUARED);
            return q * polynomial(CENTRAL_NUMERATOR, r) / polynomial(CENTRAL_DENOMINATOR, r);
        }
        double r = Math.sqrt(-log(q < 0 ? p : 1 - p));
        double z =
                r <= FAR
                        ? polynomial(NEAR_NUMERATOR, r - NEAR_CENTER)
                                / polynomial(NEAR_DENOMINATOR, r - NEAR_CENTER)
                        : polynomial(FAR_NUMERATOR, r - FAR) / polynomial(FAR_DENOMINATOR, r - FAR);
        return q < 0 ? -z : z;
    }

    /// Natural logarithm of a positive normal F64 number: x = 2^e m with m in (1/sqrt 2, sqrt 2],
    /// log x = e log 2 + 2 artanh((m - 1)/(m + 1)), the series cut where a term is below 2^-54.
    /// Error at most 1 ulp for x below 1/2, where the tails ask for it.
    static double log(double x) {
        long bits = Double.doubleToRawLongBits(x);
        double exponent = (int) (bits >>> 52) - 1023;
        double m = Double.longBitsToDouble((bits & 0xFFFFFFFFFFFFFL) | 0x3FF0000000000000L);
        if (m > SQRT2) {
            m = m * 0.5;
            exponent = exponent + 1;
        }
        double s = (m - 1) / (m + 1);
        double s2 = s * s;
        double mantissaLog = Math.fma(s * s2, polynomial(ARTANH, s2), 2 * s);
        return Math.fma(exponent, LN2_HIGH, Math.fma(exponent, LN2_LOW, mantissaLog));
    }

    /// Horner's rule from the highest power down, one `fma` a step.
    private static double polynomial(double[] coefficients, double x) {
        double value = coefficients[0];
        for (int i = 1; i < coefficients.length; i++) {
            value = Math.fma(value, x, coefficients[i]);
        }
        return value;
    }
}
