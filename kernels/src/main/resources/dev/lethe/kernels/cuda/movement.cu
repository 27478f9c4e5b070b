// Moves elements as bits along a strided walk of up to six axes.
//
// Layout: one side contiguous in row-major order of `axes.count` (outermost first), the other at
// `start + sum index[a] axes.stride[a]`, all in elements. Unused axes come first, of count 1.
// Launch: one dimension of blocks; each thread takes every itemStep()-th element.
#include "element.cuh"

#define AXES 6
struct Axes { long long count[AXES], stride[AXES]; };

static __device__ __forceinline__ long long strided(const Axes& axes, long long i) {
    long long at = 0;
#pragma unroll
    for (int a = AXES - 1; a > 0; a--) {
        if (axes.count[a] != 1) {
            long long rest = i / axes.count[a];
            at += (i - rest * axes.count[a]) * axes.stride[a];
            i = rest;
        }
    }
    return at + i * axes.stride[0];
}

// y[i] = x[strided i]: broadcast, transpose, slice. Overwrites all of y.
extern "C" __global__ void movement_read(const word* x, word* y, Axes axes, long long start, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = x[start + strided(axes, i)];
}

// y[strided i] = x[i]: pad. Leaves the rest of y as it is.
extern "C" __global__ void movement_write(const word* x, word* y, Axes axes, long long start, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[start + strided(axes, i)] = x[i];
}
