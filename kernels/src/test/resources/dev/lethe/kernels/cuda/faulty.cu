// Kernels with one mistake each, and correct ones beside them: what the simulated device must find.
//
// Layout: x, y [n] unless said otherwise; y is overwritten. Launch: one block.
#include "element.cuh"

static __device__ accumulator warpSum(accumulator v) {
    for (int by = 16; by > 0; by /= 2) v += __shfl_down_sync(0xffffffffu, v, by);
    return v;
}

// Correct: y[0] = sum of x, by shuffles and shared memory.
extern "C" __global__ void faulty_sum(const element* x, element* y, int n) {
    __shared__ accumulator parts[32];
    accumulator sum = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) sum += widen(x[i]);
    sum = warpSum(sum);
    if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = sum;
    __syncthreads();
    if (threadIdx.x == 0) {
        sum = 0;
        for (int i = 0; i < (int)blockDim.x / 32; i++) sum += parts[i];
        y[0] = narrow(sum);
    }
}

// Correct: y = x reversed, through dynamic shared memory and two barriers.
extern "C" __global__ void faulty_reverse(const element* x, element* y, int n) {
    DYNAMIC_SHARED(element, tile);
    if ((int)threadIdx.x < n) tile[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    if ((int)threadIdx.x < n) y[threadIdx.x] = tile[n - 1 - threadIdx.x];
    __syncthreads();
}

// The barrier between writing and reading is forgotten.
extern "C" __global__ void faulty_dropped_barrier(const element* x, element* y, int n) {
    __shared__ element tile[256];
    if ((int)threadIdx.x < n) tile[threadIdx.x] = x[threadIdx.x];
    if ((int)threadIdx.x < n) y[threadIdx.x] = tile[n - 1 - threadIdx.x];
}

// Shared memory that nobody wrote is added to.
extern "C" __global__ void faulty_unwritten_shared(const element* x, element* y, int n) {
    __shared__ element tile[256];
    if ((int)threadIdx.x < n) y[threadIdx.x] = tile[threadIdx.x] + x[threadIdx.x];
}

// Two barriers in two branches.
extern "C" __global__ void faulty_two_barriers(element* y, int n) {
    if ((int)threadIdx.x < n / 2) __syncthreads();
    else { __syncthreads(); }
    y[threadIdx.x % n] = 1;
}

// Some threads leave before the barrier.
extern "C" __global__ void faulty_left_before_barrier(element* y, int n) {
    if ((int)threadIdx.x >= n) return;
    __syncthreads();
    y[threadIdx.x] = 1;
}

// Half of a warp shuffles, the other half waits for the block.
extern "C" __global__ void faulty_deadlock(element* y, int n) {
    if (threadIdx.x % 2) y[threadIdx.x % n] = __shfl_down_sync(0xffffffffu, (accumulator)1, 1);
    else __syncthreads();
}

// A lane reads one that is not in the mask.
extern "C" __global__ void faulty_absent_lane(element* y, int n) {
    if (threadIdx.x < 8) y[threadIdx.x % n] = narrow(__shfl_sync(0xffu, (accumulator)threadIdx.x, 31));
}

// One element beyond the end.
extern "C" __global__ void faulty_overrun(element* y, int n) {
    if ((int)threadIdx.x <= n) y[threadIdx.x] = 1;
}
