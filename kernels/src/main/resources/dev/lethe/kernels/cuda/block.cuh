// Sums and maxima over a warp and a block, in an order that the number of threads fixes. Every thread
// of the block calls, and gets the result; a block is one-dimensional, of whole warps.
#pragma once
#include "element.cuh"

// NaN wins, unlike in fmax.
static __device__ __forceinline__ accumulator larger(accumulator a, accumulator b) { return a > b || a != a ? a : b; }

template <class T> static __device__ __forceinline__ T warpSum(T v) {
    for (int bit = 16; bit > 0; bit /= 2) v += __shfl_xor_sync(0xffffffffu, v, bit);
    return v;
}

static __device__ __forceinline__ accumulator warpMaximum(accumulator v) {
    for (int bit = 16; bit > 0; bit /= 2) v = larger(v, __shfl_xor_sync(0xffffffffu, v, bit));
    return v;
}

// One value a warp, to all threads; `otherwise` for the warps that a full block would have.
static __device__ __forceinline__ accumulator ofWarps(accumulator v, accumulator otherwise) {
    __shared__ accumulator parts[32];
    __syncthreads();  // all have read the last call's
    if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = v;
    __syncthreads();
    return threadIdx.x % 32 < blockDim.x / 32 ? parts[threadIdx.x % 32] : otherwise;
}

static __device__ __forceinline__ accumulator blockSum(accumulator v) { return warpSum(ofWarps(warpSum(v), 0)); }
static __device__ __forceinline__ accumulator blockMaximum(accumulator v) {
    return warpMaximum(ofWarps(warpMaximum(v), -infinity()));
}

// As blockSum, in F64 whatever the type, and in thread 0 alone; once a kernel.
static __device__ __forceinline__ double blockSumF64(double v) {
    __shared__ double parts[32];
    v = warpSum(v);
    if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = v;
    __syncthreads();
    return threadIdx.x < 32 ? warpSum(threadIdx.x < blockDim.x / 32 ? parts[threadIdx.x] : 0.0) : 0.0;
}

// As firstItem and itemStep, for loops of whole warps.
static __device__ __forceinline__ long long firstWarp() { return firstItem() / 32; }
static __device__ __forceinline__ long long warpStep() { return itemStep() / 32; }
