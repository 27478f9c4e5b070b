// The element type that a family's source is compiled for: one module a type, by -DELEMENT_<type>.
// A new type is a branch here. No CUDA header is included, so that NVRTC, nvcc and g++ take the
// same source.
#pragma once
#if defined(__CUDACC__)
#pragma nv_diag_suppress 177  // a source need not use all of this
#endif

// The upper half of an F32, as dev.lethe.engine.memory.BFloat16 says. A type of its own, so that its
// bits cannot be taken for a number: it is stored and converted, never computed with.
struct bfloat16 { unsigned short bits; };

static __device__ __forceinline__ float widenBf16(bfloat16 x) { return __uint_as_float((unsigned)x.bits << 16); }

// To nearest even; NaN stays a quiet NaN of its sign.
static __device__ __forceinline__ bfloat16 nearestBf16(float x) {
    unsigned bits = __float_as_uint(x);
    bits = x != x ? bits | 0x400000u : bits + 0x7fffu + (bits >> 16 & 1u);
    bfloat16 y = {(unsigned short)(bits >> 16)};
    return y;
}

// Rounded once: F32 is reached by rounding to odd, whose last bit says on which side of a tie x lies.
static __device__ __forceinline__ bfloat16 nearestBf16(double x) {
    float near = (float)x;
    if (near == x || x != x) return nearestBf16(near);
    unsigned bits = __float_as_uint(near) - (fabs((double)near) > fabs(x) ? 1 : 0);
    return nearestBf16(__uint_as_float(bits | 1u));
}

// `widen` an element before computing with it, `narrow` what is stored: a rounding to nearest, as is
// `nearest`, which takes an F64 in one step.
#if defined(ELEMENT_F64)
typedef double element;
typedef double accumulator;  // in which sums and functions are computed
static __device__ __forceinline__ accumulator widen(element x) { return x; }
static __device__ __forceinline__ element narrow(accumulator x) { return x; }
static __device__ __forceinline__ element nearest(double x) { return x; }
#elif defined(ELEMENT_F32)
typedef float element;
typedef float accumulator;
static __device__ __forceinline__ accumulator widen(element x) { return x; }
static __device__ __forceinline__ element narrow(accumulator x) { return x; }
static __device__ __forceinline__ element nearest(double x) { return (float)x; }
#elif defined(ELEMENT_BF16)
typedef bfloat16 element;
typedef float accumulator;
static __device__ __forceinline__ accumulator widen(element x) { return widenBf16(x); }
static __device__ __forceinline__ element narrow(accumulator x) { return nearestBf16(x); }
static __device__ __forceinline__ element nearest(double x) { return nearestBf16(x); }
#else
#error "compile with -DELEMENT_F32, -DELEMENT_F64 or -DELEMENT_BF16"
#endif

// An element as bits, for what is moved and not computed with.
typedef element word;

static __device__ __forceinline__ accumulator infinity() { return __int_as_float(0x7f800000); }
static __device__ __forceinline__ accumulator notANumber() { return __int_as_float(0x7fc00000); }

// Functions by the accumulator's type: the library's F32 ones for F32, so no double slips in.
static __device__ __forceinline__ float exponential(float x) { return expf(x); }
static __device__ __forceinline__ double exponential(double x) { return exp(x); }
static __device__ __forceinline__ float logarithm(float x) { return logf(x); }
static __device__ __forceinline__ double logarithm(double x) { return log(x); }
static __device__ __forceinline__ float hyperbolicTangent(float x) { return tanhf(x); }
static __device__ __forceinline__ double hyperbolicTangent(double x) { return tanh(x); }
static __device__ __forceinline__ float squareRoot(float x) { return sqrtf(x); }
static __device__ __forceinline__ double squareRoot(double x) { return sqrt(x); }
static __device__ __forceinline__ float raised(float x, float exponent) { return powf(x, exponent); }
static __device__ __forceinline__ double raised(double x, double exponent) { return pow(x, exponent); }

// Dynamic shared memory as an array; its bytes are given at launch.
#ifndef DYNAMIC_SHARED
#define DYNAMIC_SHARED(type, name) \
    extern __shared__ __align__(16) unsigned char dynamicShared[]; \
    type* name = reinterpret_cast<type*>(dynamicShared)
#endif

// The number at a place, read when the kernel runs so that a recorded launch takes what it is by
// then, or the one given at launch where there is no place.
template <class Number> static __device__ __forceinline__ Number given(Number value, const Number* place) { return place ? *place : value; }

// This thread's first item of a loop over all, and the step to its next: any grid serves any count.
static __device__ __forceinline__ long long firstItem() { return (long long)blockIdx.x * blockDim.x + threadIdx.x; }
static __device__ __forceinline__ long long itemStep() { return (long long)gridDim.x * blockDim.x; }
