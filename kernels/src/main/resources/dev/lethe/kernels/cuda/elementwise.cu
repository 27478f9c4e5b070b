// Functions of one element at a time, those that cuDNN lacks: tanh is asked of it in F32 and F64.
//
// Layout: flat arrays of n elements. y is overwritten and lies apart from the inputs.
// Launch: one dimension of blocks; each thread takes every itemStep()-th element.
#include "element.cuh"

// y = e^x
extern "C" __global__ void elementwise_exp(const element* x, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = narrow(exponential(widen(x[i])));
}

// y = log x
extern "C" __global__ void elementwise_log(const element* x, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = narrow(logarithm(widen(x[i])));
}

// y = tanh x
extern "C" __global__ void elementwise_tanh(const element* x, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = narrow(hyperbolicTangent(widen(x[i])));
}

// y = a / b
extern "C" __global__ void elementwise_divide(const element* a, const element* b, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = narrow(widen(a[i]) / widen(b[i]));
}

// y = 1 where a equals b, else 0
extern "C" __global__ void elementwise_equal(const element* a, const element* b, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = narrow(widen(a[i]) == widen(b[i]) ? 1 : 0);
}

// y = scale x + shift
extern "C" __global__ void elementwise_affine(accumulator scale, accumulator shift, const element* x, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = narrow(scale * widen(x[i]) + shift);
}

// y = factor x, as affine without shift; the factor is read when the kernel runs
extern "C" __global__ void elementwise_scale(const accumulator* factor, const element* x, element* y, long long n) {
    accumulator scale = factor[0];
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = narrow(scale * widen(x[i]) + 0);
}

// y = x^exponent
extern "C" __global__ void elementwise_power(accumulator exponent, const element* x, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = narrow(raised(widen(x[i]), exponent));
}

// y = condition != 0 ? a : b
extern "C" __global__ void elementwise_where(const element* condition, const element* a, const element* b, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = widen(condition[i]) != 0 ? a[i] : b[i];
}

// y = value
extern "C" __global__ void elementwise_fill(accumulator value, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = narrow(value);
}

// y = x of type F32, converted
extern "C" __global__ void elementwise_from_f32(const float* x, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = narrow((accumulator)x[i]);
}

// y = x of type F64, rounded to nearest once
extern "C" __global__ void elementwise_from_f64(const double* x, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = nearest(x[i]);
}

// y = x of type BF16, exactly
extern "C" __global__ void elementwise_from_bf16(const bfloat16* x, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = narrow((accumulator)widenBf16(x[i]));
}
