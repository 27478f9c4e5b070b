// tiles.cuh in BF16 on tensor cores. Each of four warps owns 16 rows of a tile. Operands lie in shared
// memory whole, in columns rounded up to 16 and then 8 more, so that the rows of an ldmatrix fall
// into different banks. Scores are rounded to BF16 when they are multiplied again, straight from
// registers; every sum is F32.
#pragma once
#include "tensorcore.cuh"

constexpr int WARPS = 4;
constexpr int THREADS = 32 * WARPS;
constexpr int TILE_ROWS = 16 * WARPS;
constexpr int FORWARD_COLUMNS = 64, BACKWARD_COLUMNS = 32;
constexpr int ROW_LANES = 4;
constexpr int OWN_ROWS = 2;

static __device__ __forceinline__ int lane() { return threadIdx.x % 32; }
static __device__ __forceinline__ int warpRow() { return threadIdx.x / 32 * 16; }
static __device__ __forceinline__ int tileRow(int i) { return warpRow() + lane() / 4 + 8 * i; }

// By the layout of D, for each 8 columns.
template <int COLUMNS> struct Fragments {
    static constexpr int OWN = COLUMNS / ROW_LANES;
    float part[COLUMNS / 8][4];
    __device__ __forceinline__ float& at(int i, int j) { return part[j / 2][2 * i + j % 2]; }
    static __device__ __forceinline__ int column(int j) { return j / 2 * 8 + lane() % 4 * 2 + j % 2; }
};
template <int COLUMNS> using Scores = Fragments<COLUMNS>;
template <int WIDTH> using Result = Fragments<WIDTH>;

struct Space { bfloat16* free; int width; };
struct Operand { bfloat16* first; int pitch, width, count; };  // width: a multiple of 16

static __device__ __forceinline__ Space openSpace(int width) {
    DYNAMIC_SHARED(bfloat16, shared);
    return {shared, (width + 15) / 16 * 16};
}

template <int ROWS> static __device__ __forceinline__ Operand reserve(Space& space) {
    Operand place = {space.free, space.width + 8, space.width, 0};
    space.free += ROWS * place.pitch;
    return place;
}

// 16 bytes a thread, asynchronously where they lie so that they can be.
template <int ROWS> static __device__ __forceinline__ void stage(Operand& place, const Rows& x) {
    constexpr int ACROSS = 16;  // threads along a row
    place.count = x.count;
    bool aligned = ((size_t)x.first | (size_t)x.stride * sizeof(bfloat16)) % 16 == 0;
    for (int row = threadIdx.x / ACROSS; row < ROWS; row += THREADS / ACROSS) {
        for (int column = threadIdx.x % ACROSS * 8; column < place.width; column += ACROSS * 8) {
            bfloat16* to = place.first + row * place.pitch + column;
            const bfloat16* from = x.first + row * x.stride + column;
            int present = row < x.count ? min(8, x.width - column) : 0;
            if (aligned && (present <= 0 || present == 8)) {
                cpAsync16(to, present > 0 ? from : x.first, present > 0);
            } else {
                for (int e = 0; e < 8; e++) to[e] = e < present ? from[e] : narrow(0);
            }
        }
    }
}

static __device__ __forceinline__ void await() {
    cpAsyncCommit();
    cpAsyncWait<0>();
    __syncthreads();
}
static __device__ __forceinline__ void release() { __syncthreads(); }

static __device__ __forceinline__ Operand columnsFrom(const Operand& x, int column) {
    return {x.first + column, x.pitch, x.width - column, x.count};
}

// FULL: b has all its rows. Otherwise 16 of them at a time are left out, and their scores are 0.
template <bool FULL, int COLUMNS> static __device__ __forceinline__ void multiplyRows(const Operand& a, const Operand& b, Scores<COLUMNS>& s) {
    const bfloat16* left = a.first + (warpRow() + lane() % 16) * a.pitch + lane() / 16 * 8;
    const bfloat16* right = b.first + (lane() % 8 + lane() / 16 * 8) * b.pitch + lane() / 8 % 2 * 8;
#pragma unroll 2
    for (int k = 0; k < a.width; k += 16) {
        unsigned x[4];
        ldmatrixX4(x, left + k);
#pragma unroll
        for (int n = 0; n < COLUMNS; n += 16) {
            if (FULL || n < b.count) {
                unsigned y[4];
                ldmatrixX4(y, right + n * b.pitch + k);
                unsigned first[2] = {y[0], y[1]}, second[2] = {y[2], y[3]};
                mmaM16N8K16(s.part[n / 8], x, first);
                mmaM16N8K16(s.part[n / 8 + 1], x, second);
            }
        }
    }
}

template <int COLUMNS> static __device__ __forceinline__ void dotProducts(const Space&, const Operand& a, const Operand& b, Scores<COLUMNS>& s) {
#pragma unroll
    for (int n = 0; n < COLUMNS / 8; n++)
#pragma unroll
        for (int e = 0; e < 4; e++) s.part[n][e] = 0;
    if (warpRow() >= a.count) return;  // no row of this warp exists
    if (b.count >= COLUMNS) multiplyRows<true>(a, b, s);
    else multiplyRows<false>(a, b, s);
}

// FULL: x has all its rows and columns.
template <bool FULL, int COLUMNS, int WIDTH> static __device__ __forceinline__ void multiplyColumns(const Scores<COLUMNS>& s, const Operand& x, Result<WIDTH>& y) {
    const bfloat16* right = x.first + lane() % 16 * x.pitch + lane() / 16 * 8;
#pragma unroll
    for (int k = 0; k < COLUMNS; k += 16) {
        if (FULL || k < x.count) {
            unsigned a[4];
#pragma unroll
            for (int e = 0; e < 4; e++) a[e] = cvtBf16x2(s.part[k / 8 + e / 2][e % 2 * 2], s.part[k / 8 + e / 2][e % 2 * 2 + 1]);
#pragma unroll
            for (int n = 0; n < WIDTH; n += 16) {
                if (FULL || n < x.width) {
                    unsigned b[4];
                    ldmatrixX4Trans(b, right + k * x.pitch + n);
                    unsigned first[2] = {b[0], b[1]}, second[2] = {b[2], b[3]};
                    mmaM16N8K16(y.part[n / 8], a, first);
                    mmaM16N8K16(y.part[n / 8 + 1], a, second);
                }
            }
        }
    }
}

template <int COLUMNS, int WIDTH> static __device__ __forceinline__ void addProducts(const Space&, const Scores<COLUMNS>& s, const Operand& x, Result<WIDTH>& y) {
    if (x.count >= COLUMNS && x.width >= WIDTH) multiplyColumns<true>(s, x, y);
    else multiplyColumns<false>(s, x, y);
}
