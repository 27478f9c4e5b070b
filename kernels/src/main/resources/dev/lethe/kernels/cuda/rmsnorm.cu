// Root-mean-square normalisation with Gemma's gain (Zhang and Sennrich 2019, equation 4), and its
// gradient: y = x r (1 + w), r = 1 / sqrt(mean(x^2) + epsilon), with g = dy (1 + w)
// dx = r (g - x r mean(g x r)) and dWeight = sum over rows of dy x r.
//
// Layout: x, y, dy, dx [count, width] row-major, weight and dWeight [width], inverseRms [count].
// Everything named as an output is overwritten. Sums are in `accumulator`, in an order fixed by the
// shape. A warp takes a row; lane l has packs l, l + 32, ... of it.
#include "element.cuh"
#include "block.cuh"
#include "pack.cuh"

// y and inverseRms. Launch: one dimension of blocks of whole warps, over count warps.
extern "C" __global__ void rmsnorm_forward(const element* x, const element* weight, element* y, accumulator* inverseRms, int count, int width, accumulator epsilon) {
    bool whole = width % PACK == 0 && aligned(x) && aligned(weight) && aligned(y);
    int lane = threadIdx.x % 32;
    for (long long row = firstWarp(); row < count; row += warpStep()) {
        const element* from = x + row * width;
        accumulator squares = 0;
        for (int i = lane * PACK; i < width; i += 32 * PACK) {
            Pack a = loadPack(from + i, width - i, whole);
#pragma unroll
            for (int k = 0; k < PACK; k++) squares += widen(a.at[k]) * widen(a.at[k]);
        }
        accumulator r = 1 / squareRoot(warpSum(squares) / width + epsilon);
        if (lane == 0) inverseRms[row] = r;
        for (int i = lane * PACK; i < width; i += 32 * PACK) {
            Pack a = loadPack(from + i, width - i, whole), w = loadPack(weight + i, width - i, whole);
#pragma unroll
            for (int k = 0; k < PACK; k++) a.at[k] = narrow(widen(a.at[k]) * r * (1 + widen(w.at[k])));
            storePack(y + row * width + i, a, width - i, whole);
        }
    }
}

// dx. Launch as rmsnorm_forward.
extern "C" __global__ void rmsnorm_backward(const element* x, const element* weight, const accumulator* inverseRms, const element* dy, element* dx, int count, int width) {
    bool whole = width % PACK == 0 && aligned(x) && aligned(weight) && aligned(dy) && aligned(dx);
    int lane = threadIdx.x % 32;
    for (long long row = firstWarp(); row < count; row += warpStep()) {
        const element *from = x + row * width, *gradient = dy + row * width;
        accumulator r = inverseRms[row], along = 0;
        for (int i = lane * PACK; i < width; i += 32 * PACK) {
            Pack a = loadPack(from + i, width - i, whole), w = loadPack(weight + i, width - i, whole);
            Pack d = loadPack(gradient + i, width - i, whole);
#pragma unroll
            for (int k = 0; k < PACK; k++) along += widen(d.at[k]) * (1 + widen(w.at[k])) * (widen(a.at[k]) * r);
        }
        accumulator mean = warpSum(along) / width;
        for (int i = lane * PACK; i < width; i += 32 * PACK) {
            Pack a = loadPack(from + i, width - i, whole), w = loadPack(weight + i, width - i, whole);
            Pack d = loadPack(gradient + i, width - i, whole);
#pragma unroll
            for (int k = 0; k < PACK; k++) {
                accumulator g = widen(d.at[k]) * (1 + widen(w.at[k]));
                a.at[k] = narrow(r * (g - widen(a.at[k]) * r * mean));
            }
            storePack(dx + row * width + i, a, width - i, whole);
        }
    }
}

// parts[s][c] = sum over the rows of slab s of dy x r, in column c. Launch: x over tiles of 32 packs
// of columns, y over slabs of `slab` rows; RMSNORM_WARPS warps a block.
#define RMSNORM_WARPS 8
extern "C" __global__ void __launch_bounds__(32 * RMSNORM_WARPS) rmsnorm_backward_weight(const element* x, const accumulator* inverseRms, const element* dy, accumulator* parts, int count, int width, int slab) {
    __shared__ accumulator ofWarps[RMSNORM_WARPS][32 * PACK];
    bool whole = width % PACK == 0 && aligned(x) && aligned(dy);
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    int first = blockIdx.x * 32 * PACK, column = first + lane * PACK;
    long long begin = (long long)blockIdx.y * slab, end = min(begin + slab, (long long)count);
    accumulator sums[PACK] = {};
    if (column < width) {
        for (long long row = begin + warp; row < end; row += RMSNORM_WARPS) {
            Pack a = loadPack(x + row * width + column, width - column, whole);
            Pack d = loadPack(dy + row * width + column, width - column, whole);
            accumulator r = inverseRms[row];
#pragma unroll
            for (int k = 0; k < PACK; k++) sums[k] += widen(d.at[k]) * (widen(a.at[k]) * r);
        }
    }
#pragma unroll
    for (int k = 0; k < PACK; k++) ofWarps[warp][lane * PACK + k] = sums[k];
    __syncthreads();
    for (int i = threadIdx.x; i < 32 * PACK && first + i < width; i += blockDim.x) {
        accumulator sum = 0;
#pragma unroll
        for (int w = 0; w < RMSNORM_WARPS; w++) sum += ofWarps[w][i];
        parts[(long long)blockIdx.y * width + first + i] = sum;
    }
}

// dWeight = sum of the parts of all slabs, rounded once. Launch: one dimension of blocks over width.
extern "C" __global__ void rmsnorm_sum_slabs(const accumulator* parts, element* dWeight, int slabs, int width) {
    for (long long i = firstItem(); i < width; i += itemStep()) {
        accumulator sum = 0;
        for (int s = 0; s < slabs; s++) sum += parts[(long long)s * width + i];
        dWeight[i] = narrow(sum);
    }
}
