// Sums and maxima along one axis, for the element types that cuDNN's do not take. Kept in
// `accumulator` and rounded once; NaN wins a maximum.
//
// Layout: x [outer, length, inner], y [outer, inner], row-major; y is overwritten. The order of a sum
// is fixed by the shape.
#include "element.cuh"
#include "block.cuh"

#define REDUCE_WARPS 16  // that share the length of 32 columns

// inner 1: y[o] = sum of row o. Launch: one block of whole warps a row.
extern "C" __global__ void reduce_sum_rows(const element* x, element* y, int length) {
    const element* row = x + (long long)blockIdx.x * length;
    accumulator sum = 0;
    for (int i = threadIdx.x; i < length; i += blockDim.x) sum += widen(row[i]);
    sum = blockSum(sum);
    if (threadIdx.x == 0) y[blockIdx.x] = narrow(sum);
}

// As reduce_sum_rows.
extern "C" __global__ void reduce_max_rows(const element* x, element* y, int length) {
    const element* row = x + (long long)blockIdx.x * length;
    accumulator most = -infinity();
    for (int i = threadIdx.x; i < length; i += blockDim.x) most = larger(most, widen(row[i]));
    most = blockMaximum(most);
    if (threadIdx.x == 0) y[blockIdx.x] = narrow(most);
}

// Where a thread of a column kernel reads and writes: a lane for each of 32 columns, and each warp
// takes every REDUCE_WARPS-th element of them.
struct Columns {
    long long from, to;
    bool inside;
};

static __device__ __forceinline__ Columns columns(int length, int inner) {
    int tiles = (inner + 31) / 32;
    int outer = blockIdx.x / tiles, column = blockIdx.x % tiles * 32 + threadIdx.x % 32;
    Columns c = {(long long)outer * length * inner + column, (long long)outer * inner + column, column < inner};
    return c;
}

// y[o, i] = sum of column i. Launch: outer * ceil(inner / 32) blocks of 32 REDUCE_WARPS threads.
extern "C" __global__ void __launch_bounds__(32 * REDUCE_WARPS) reduce_sum_columns(const element* x, element* y, int length, int inner) {
    __shared__ accumulator parts[REDUCE_WARPS][32];
    Columns c = columns(length, inner);
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    accumulator sum = 0;
    if (c.inside) {
        for (int l = warp; l < length; l += REDUCE_WARPS) sum += widen(x[c.from + (long long)l * inner]);
    }
    parts[warp][lane] = sum;
    __syncthreads();
    if (warp == 0 && c.inside) {
        for (int w = 1; w < REDUCE_WARPS; w++) sum += parts[w][lane];
        y[c.to] = narrow(sum);
    }
}

// As reduce_sum_columns.
extern "C" __global__ void __launch_bounds__(32 * REDUCE_WARPS) reduce_max_columns(const element* x, element* y, int length, int inner) {
    __shared__ accumulator parts[REDUCE_WARPS][32];
    Columns c = columns(length, inner);
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    accumulator most = -infinity();
    if (c.inside) {
        for (int l = warp; l < length; l += REDUCE_WARPS) most = larger(most, widen(x[c.from + (long long)l * inner]));
    }
    parts[warp][lane] = most;
    __syncthreads();
    if (warp == 0 && c.inside) {
        for (int w = 1; w < REDUCE_WARPS; w++) most = larger(most, parts[w][lane]);
        y[c.to] = narrow(most);
    }
}
