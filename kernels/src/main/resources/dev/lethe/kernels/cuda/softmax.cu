// Softmax of rows, for the element types that cuDNN's does not take. Maximum subtracted, sum in
// `accumulator`. A row that holds NaN or infinity, or negative infinity alone, becomes NaN.
//
// Layout: x, y [rows, width], row-major; y is overwritten. Launch: one block of whole warps a row.
#include "element.cuh"
#include "block.cuh"

struct Row { accumulator maximum, sum; };

static __device__ __forceinline__ Row statistics(const element* x, int width) {
    Row row = {-infinity(), 0};
    for (int i = threadIdx.x; i < width; i += blockDim.x) row.maximum = larger(row.maximum, widen(x[i]));
    row.maximum = blockMaximum(row.maximum);
    for (int i = threadIdx.x; i < width; i += blockDim.x) row.sum += exponential(widen(x[i]) - row.maximum);
    row.sum = blockSum(row.sum);
    return row;
}

// y = e^(x - maximum) / sum
extern "C" __global__ void softmax_rows(const element* x, element* y, int width) {
    long long at = (long long)blockIdx.x * width;
    Row row = statistics(x + at, width);
    for (int i = threadIdx.x; i < width; i += blockDim.x) {
        y[at + i] = narrow(exponential(widen(x[at + i]) - row.maximum) / row.sum);
    }
}

// y = x - maximum - log sum
extern "C" __global__ void softmax_log_rows(const element* x, element* y, int width) {
    long long at = (long long)blockIdx.x * width;
    Row row = statistics(x + at, width);
    accumulator logSum = logarithm(row.sum);
    for (int i = threadIdx.x; i < width; i += blockDim.x) y[at + i] = narrow(widen(x[at + i]) - row.maximum - logSum);
}
