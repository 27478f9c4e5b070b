// Elements sixteen bytes at a time, by one instruction where they lie on a multiple of sixteen.
#pragma once
#include "element.cuh"

#define PACK (16 / (int)sizeof(element))
struct __align__(16) Pack { element at[PACK]; };
static __device__ __forceinline__ bool aligned(const void* p) { return ((unsigned long long)p & 15) == 0; }
static __device__ __forceinline__ long long packs(long long n) { return (n + PACK - 1) / PACK; }

// Up to `left` elements from p on, zeros behind them. Whether p is aligned changes no bit of what is
// computed from packs: lanes have the same elements either way.
static __device__ __forceinline__ Pack loadPack(const element* p, long long left, bool isAligned) {
    if (isAligned && left >= PACK) return *reinterpret_cast<const Pack*>(p);
    Pack pack;
#pragma unroll
    for (int k = 0; k < PACK; k++) pack.at[k] = k < left ? p[k] : narrow(0);
    return pack;
}
static __device__ __forceinline__ void storePack(element* p, const Pack& pack, long long left, bool isAligned) {
    if (isAligned && left >= PACK) {
        *reinterpret_cast<Pack*>(p) = pack;
        return;
    }
#pragma unroll
    for (int k = 0; k < PACK; k++) if (k < left) p[k] = pack.at[k];
}

