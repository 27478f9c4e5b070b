// Random numbers by address: Philox4x32-10 and its laws, with the bits of dev.lethe.engine.random,
// where each formula is explained. Compiled with --fmad=false: every fma is written out, every
// other operation is rounded by itself, all in F64.
//
// Layout: y [n] is draw (firstIndex + i) of the stream, and is overwritten. The stream is the number
// at `number`, read when the kernel runs, or where that is null `stream`.
// Launch: one dimension of blocks; each thread takes every itemStep()-th element.
#include "element.cuh"
#include "philox.cuh"

// y uniform in [low, high), `width` being high - low.
extern "C" __global__ void random_uniform(element* y, long long n, long long seed, int purpose, int stream, const int* number, long long firstIndex, double low, double high, double width) {
    for (long long i = firstItem(); i < n; i += itemStep()) {
        bits64 bits = philox(seed, purpose, given(stream, number), (bits64)(firstIndex + i));
        y[i] = uniformOf(bits, low, high, width, element());
    }
}

// Wichura (1988), AS 241: coefficients from the highest power down.
static __constant__ double centralNumerator[8] = {
    2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4, 4.5921953931549871457e+4,
    1.3731693765509461125e+4, 1.9715909503065514427e+3, 1.3314166789178437745e+2, 3.3871328727963666080e+0};
static __constant__ double centralDenominator[8] = {
    5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4,
    5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1.0};
static __constant__ double nearNumerator[8] = {
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e+0,
    3.64784832476320460504e+0, 5.76949722146069140550e+0, 4.63033784615654529590e+0, 1.42343711074968357734e+0};
static __constant__ double nearDenominator[8] = {
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
    6.89767334985100004550e-1, 1.67638483018380384940e+0, 2.05319162663775882187e+0, 1.0};
static __constant__ double farNumerator[8] = {
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
    2.96560571828504891230e-1, 1.78482653991729133580e+0, 5.46378491116411436990e+0, 6.65790464350110377720e+0};
static __constant__ double farDenominator[8] = {
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
    1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0};
static __constant__ double artanhSeries[10] = {
    2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13,
    2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3};

static __device__ double polynomial(const double* coefficients, int count, double x) {
    double value = coefficients[0];
    for (int i = 1; i < count; i++) value = fma(value, x, coefficients[i]);
    return value;
}

// Natural logarithm of a positive normal number.
static __device__ double ownLogarithm(double x) {
    long long bits = __double_as_longlong(x);
    double exponent = (int)(bits >> 52) - 1023;
    double m = __longlong_as_double((bits & 0xFFFFFFFFFFFFFll) | 0x3FF0000000000000ll);
    if (m > 0x1.6a09e667f3bcdp0) {
        m = m * 0.5;
        exponent = exponent + 1;
    }
    double s = (m - 1) / (m + 1);
    double s2 = s * s;
    double mantissa = fma(s * s2, polynomial(artanhSeries, 10, s2), 2 * s);
    return fma(exponent, 0x1.62e42fefa39efp-1, fma(exponent, 0x1.abc9e3b39803fp-56, mantissa));
}

static __device__ double normalQuantile(double p) {
    double q = p - 0.5;
    if (fabs(q) <= 0.425) {
        double r = fma(-q, q, 0.180625);
        return q * polynomial(centralNumerator, 8, r) / polynomial(centralDenominator, 8, r);
    }
    double r = sqrt(-ownLogarithm(q < 0 ? p : 1 - p));
    double z = r <= 5.0 ? polynomial(nearNumerator, 8, r - 1.6) / polynomial(nearDenominator, 8, r - 1.6)
                        : polynomial(farNumerator, 8, r - 5.0) / polynomial(farDenominator, 8, r - 5.0);
    return q < 0 ? -z : z;
}

// y normal with that mean and deviation, by inversion.
extern "C" __global__ void random_normal(element* y, long long n, long long seed, int purpose, int stream, const int* number, long long firstIndex, double mean, double deviation) {
    for (long long i = firstItem(); i < n; i += itemStep()) {
        bits64 bits = philox(seed, purpose, given(stream, number), (bits64)(firstIndex + i));
        double z = normalQuantile(((double)(long long)(bits >> 12) + 0.5) * 0x1p-52);
        y[i] = narrow((accumulator)fma(deviation, z, mean));
    }
}
