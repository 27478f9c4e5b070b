// RMU's masked mean square (Li et al. 2024, section 4): loss = scale sum (x - target)^2 over the rows
// whose mask is not 0, and dx = dLoss 2 scale (x - target) there, 0 in the other rows.
//
// Layout: x and dx [rows, width] row-major, mask [rows], target rows `targetStep` elements apart: width,
// or 0 where one row serves all. loss and dLoss are one element, dLoss read from device memory.
// The scale is the number at scalePlace, read when the kernel runs, or where that is null `scale`.
// A row's squares are added up in `accumulator`, rows in F64, in an order fixed by the shape.
#include "element.cuh"
#include "block.cuh"
#include "pack.cuh"

// partials[b] = sum over the rows of block b. Launch: one dimension of blocks of whole warps, a number
// fixed by the shape, over rows warps.
extern "C" __global__ void meansquare_forward(const element* x, const element* target, const int* mask, int rows, int width, int targetStep, double* partials) {
    bool whole = width % PACK == 0 && aligned(x) && aligned(target);
    int lane = threadIdx.x % 32;
    double sum = 0;
    for (long long row = firstWarp(); row < rows; row += warpStep()) {
        if (mask[row] == 0) continue;
        accumulator squares = 0;
        for (int i = lane * PACK; i < width; i += 32 * PACK) {
            Pack a = loadPack(x + row * width + i, width - i, whole);
            Pack t = loadPack(target + row * targetStep + i, width - i, whole);
#pragma unroll
            for (int k = 0; k < PACK; k++) {
                accumulator difference = widen(a.at[k]) - widen(t.at[k]);
                squares += difference * difference;
            }
        }
        sum += squares;
    }
    sum = blockSumF64(sum);
    if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

// loss = scale times the sum of the partials. Launch: one block.
extern "C" __global__ void meansquare_loss(const double* partials, int count, double scale, const double* scalePlace, accumulator* loss) {
    double sum = 0;
    for (int i = threadIdx.x; i < count; i += blockDim.x) sum += partials[i];
    sum = blockSumF64(sum);
    if (threadIdx.x == 0) loss[0] = (accumulator)(given(scale, scalePlace) * sum);
}

// dx. Launch: one dimension of blocks of whole warps, over rows warps.
extern "C" __global__ void meansquare_backward(const element* x, const element* target, const int* mask, const accumulator* dLoss, double scale, const double* scalePlace, element* dx, int rows, int width, int targetStep) {
    bool whole = width % PACK == 0 && aligned(x) && aligned(target) && aligned(dx);
    int lane = threadIdx.x % 32;
    accumulator factor = (accumulator)(2 * given(scale, scalePlace) * dLoss[0]);
    for (long long row = firstWarp(); row < rows; row += warpStep()) {
        bool counts = mask[row] != 0;
        for (int i = lane * PACK; i < width; i += 32 * PACK) {
            Pack a = loadPack(x + row * width + i, width - i, whole);
            Pack t = loadPack(target + row * targetStep + i, width - i, whole);
#pragma unroll
            for (int k = 0; k < PACK; k++) {
                a.at[k] = narrow(counts ? factor * (widen(a.at[k]) - widen(t.at[k])) : 0);
            }
            storePack(dx + row * width + i, a, width - i, whole);
        }
    }
}
