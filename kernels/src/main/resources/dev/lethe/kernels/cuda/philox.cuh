// Philox4x32-10 by address and its uniform law, with the bits of dev.lethe.engine.random, where the
// formulas are explained. To be compiled with --fmad=false: every fma is written out.
#pragma once
#include "element.cuh"

typedef unsigned long long bits64;

// The 64 bits of an element: words 2i and 2i + 1 of the stream, which block i / 2 holds.
static __device__ bits64 philox(long long seed, unsigned purpose, unsigned stream, bits64 index) {
    unsigned x0 = (unsigned)(index >> 1), x1 = (unsigned)(index >> 33), x2 = purpose, x3 = stream;
    unsigned k0 = (unsigned)seed, k1 = (unsigned)((bits64)seed >> 32);
    for (int round = 0; round < 10; round++) {
        unsigned high0 = __umulhi(0xD2511F53u, x0), low0 = 0xD2511F53u * x0;
        unsigned high1 = __umulhi(0xCD9E8D57u, x2), low1 = 0xCD9E8D57u * x2;
        x0 = high1 ^ x1 ^ k0;
        x1 = low1;
        x2 = high0 ^ x3 ^ k1;
        x3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return index & 1 ? (bits64)x3 << 32 | x2 : (bits64)x1 << 32 | x0;
}

// The largest number of this type below x; x is finite and not the least.
static __device__ double nextBelow(double x) {
    long long bits = __double_as_longlong(x);
    return x == 0 ? -4.9406564584124654e-324 : __longlong_as_double(x > 0 ? bits - 1 : bits + 1);
}
static __device__ float nextBelow(float x) {
    int bits = __float_as_int(x);
    return x == 0 ? __int_as_float((int)0x80000001u) : __int_as_float(x > 0 ? bits - 1 : bits + 1);
}

static __device__ bfloat16 nextBelow(bfloat16 x) {
    bfloat16 least = {0x8001}, next = {(unsigned short)(x.bits < 0x8000 ? x.bits - 1 : x.bits + 1)};
    return widenBf16(x) == 0 ? least : next;
}

// A draw from [low, high) that was rounded up to `high` becomes the number just below.
static __device__ double below(double x, double high, double) { return x < high ? x : nextBelow(high); }
static __device__ float below(double x, double high, float) {
    float rounded = (float)below(x, high, 0.0);
    return rounded < high ? rounded : nextBelow(rounded);
}
static __device__ bfloat16 below(double x, double high, bfloat16) {
    bfloat16 rounded = nearestBf16(below(x, high, 0.0f));
    return widenBf16(rounded) < high ? rounded : nextBelow(rounded);
}

// The draw from [low, high) of an element's bits, `width` being high - low.
template <class Number> static __device__ __forceinline__ Number uniformOf(bits64 bits, double low, double high, double width, Number type) {
    return below(fma((double)(long long)(bits >> 11) * 0x1p-53, width, low), high, type);
}
