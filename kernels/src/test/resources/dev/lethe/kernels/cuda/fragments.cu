// Kernels that show what tensorcore.cuh does, lane by lane, and what the simulated device finds in
// wrong uses of it.
//
// Layout: registers as [32 lanes, registers of a lane]. Launch: one block of 32 threads, unless said
// otherwise.
#include "element.cuh"
#include "tensorcore.cuh"

// registers [32, 4] of x [32, 8], whose row l is given by lane l.
extern "C" __global__ void fragments_ldmatrix_x4(const element* x, int* registers, int transposed) {
    __shared__ __align__(16) element rows[32][8];
    for (int i = 0; i < 8; i++) rows[threadIdx.x][i] = x[8 * threadIdx.x + i];
    __syncthreads();
    unsigned r[4];
    if (transposed) ldmatrixX4Trans(r, rows[threadIdx.x]);
    else ldmatrixX4(r, rows[threadIdx.x]);
    for (int m = 0; m < 4; m++) registers[4 * threadIdx.x + m] = (int)r[m];
}

// registers [32, 2] of the first 16 rows of x; the addresses of the other lanes do not count.
extern "C" __global__ void fragments_ldmatrix_x2(const element* x, int* registers, int transposed) {
    __shared__ __align__(16) element rows[16][8];
    if (threadIdx.x < 16) for (int i = 0; i < 8; i++) rows[threadIdx.x][i] = x[8 * threadIdx.x + i];
    __syncthreads();
    unsigned r[2];
    if (transposed) ldmatrixX2Trans(r, rows[threadIdx.x % 16]);
    else ldmatrixX2(r, rows[threadIdx.x % 16]);
    for (int m = 0; m < 2; m++) registers[2 * threadIdx.x + m] = (int)r[m];
}

// d = c + a b, all in registers: a [32, 4], b [32, 2], c and d [32, 4].
extern "C" __global__ void fragments_mma(const int* a, const int* b, const float* c, float* d) {
    unsigned left[4], right[2];
    float sum[4];
    for (int i = 0; i < 4; i++) left[i] = (unsigned)a[4 * threadIdx.x + i];
    for (int i = 0; i < 2; i++) right[i] = (unsigned)b[2 * threadIdx.x + i];
    for (int i = 0; i < 4; i++) sum[i] = c[4 * threadIdx.x + i];
    mmaM16N8K16(sum, left, right);
    for (int i = 0; i < 4; i++) d[4 * threadIdx.x + i] = sum[i];
}

// d [16, 8] = a [16, 16] b [16, 8], or with b stored as [8, 16]: by way of cp.async, shared memory,
// ldmatrix and mma.
extern "C" __global__ void fragments_product(const element* a, const element* b, float* d, int stored) {
    __shared__ __align__(16) element left[16][24], right[16 * 8];  // rows of A apart by 48 bytes
    int lane = threadIdx.x, g = lane / 4, t = lane % 4;
    cpAsync16(&left[lane / 2][lane % 2 * 8], a + 8 * lane, true);
    cpAsync16(right + 8 * (lane % 16), b + 8 * (lane % 16), true);
    cpAsyncCommit();
    cpAsyncWait<0>();
    __syncthreads();
    unsigned ra[4], rb[2];
    float sum[4] = {0, 0, 0, 0};
    ldmatrixX4(ra, &left[lane % 16][lane / 16 * 8]);
    if (stored) ldmatrixX2(rb, right + lane % 8 * 16 + lane / 8 % 2 * 8);
    else ldmatrixX2Trans(rb, right + lane % 16 * 8);
    mmaM16N8K16(sum, ra, rb);
    for (int i = 0; i < 4; i++) d[(g + i / 2 * 8) * 8 + 2 * t + i % 2] = sum[i];
}

// y [64, 8] = x [64, 8] with its rows reversed, zeros from row n on: two groups, each awaited by itself.
// Launch: one block of 32 threads, a row of each group a thread.
extern "C" __global__ void fragments_copy(const element* x, element* y, int n) {
    __shared__ __align__(16) element tile[64][8];
    int i = threadIdx.x;
    for (int group = 0; group < 2; group++) {
        int row = 32 * group + i;
        cpAsync16(tile[row], x + 8 * row, row < n);
        cpAsyncCommit();
    }
    cpAsyncWait<1>();
    __syncthreads();
    for (int c = 0; c < 8; c++) y[8 * (63 - i) + c] = tile[i][c];
    cpAsyncWait<0>();
    __syncthreads();
    for (int c = 0; c < 8; c++) y[8 * (31 - i) + c] = tile[32 + i][c];
}

// y [n] = pairs of x [2 n], rounded.
extern "C" __global__ void fragments_pack(const float* x, int* y, int n) {
    for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = (int)cvtBf16x2(x[2 * i], x[2 * i + 1]);
}

// y [32, 8] = x [32, 8], with one mistake. 0: read before the wait. 1: a group too few awaited.
// 2: not committed. 3: never awaited. 4: to an address that is not aligned. 5: to global memory.
// 6: ldmatrix from global memory.
extern "C" __global__ void fragments_faulty(const element* x, element* y, int mistake) {
    __shared__ __align__(16) element tile[32 * 8 + 8];
    int i = threadIdx.x;
    if (mistake == 5) cpAsync16(y + 8 * i, x + 8 * i, true);
    cpAsync16(tile + 8 * i + (mistake == 4), x + 8 * i, true);
    if (mistake != 2) cpAsyncCommit();
    if (mistake == 1) cpAsyncWait<1>();
    if (mistake == 2) cpAsyncWait<0>();
    __syncthreads();
    unsigned r[4];
    if (mistake == 6) ldmatrixX4(r, x + 8 * i);
    for (int c = 0; c < 8; c++) y[8 * i + c] = tile[8 * i + c];
    if (mistake < 2) cpAsyncWait<0>();
}
