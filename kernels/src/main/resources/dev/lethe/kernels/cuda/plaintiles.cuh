// tiles.cuh in F32 and F64, by plain multiply-add. Matrices are not kept in shared memory whole but
// pass through it in slices of columns, so that any width fits 48 KiB: stage() only remembers where
// a matrix lies. A thread at (y, x) of 16 by 16 owns rows y + 16 i, columns x + 16 j of scores, and
// columns 4 x + j of each slice of a result.
#pragma once

#if defined(ELEMENT_F64)
constexpr int TILE_ROWS = 32;  // a half of what F32 has, to keep to its registers
#else
constexpr int TILE_ROWS = 64;
#endif
constexpr int FORWARD_COLUMNS = TILE_ROWS, BACKWARD_COLUMNS = TILE_ROWS;
constexpr int ROW_LANES = 16;
constexpr int THREADS = ROW_LANES * ROW_LANES;
constexpr int OWN_ROWS = TILE_ROWS / ROW_LANES;
constexpr int PACK = 16 / sizeof(accumulator);  // numbers that one load of shared memory takes
constexpr int DEPTH = 32;                       // columns of both operands of a dot product at a time
constexpr int SLICE = 4 * ROW_LANES;            // columns of a result at a time
constexpr int DEPTH_PITCH = DEPTH + PACK;       // 16 bytes more, so that rows start in different banks
constexpr int TILE_PITCH = TILE_ROWS + PACK;
constexpr int SLICES = 2 * TILE_ROWS * DEPTH_PITCH;  // two operands of a dot product, or one slice
static_assert(TILE_ROWS * SLICE <= SLICES, "one slice fits where two operands do");

struct __align__(16) Pack { accumulator x[PACK]; };
static __device__ __forceinline__ const Pack& pack(const accumulator* at) { return *reinterpret_cast<const Pack*>(at); }

static __device__ __forceinline__ int tileX() { return threadIdx.x % ROW_LANES; }
static __device__ __forceinline__ int tileY() { return threadIdx.x / ROW_LANES; }
static __device__ __forceinline__ int tileRow(int i) { return tileY() + ROW_LANES * i; }

template <int COLUMNS> struct Scores {
    static constexpr int OWN = COLUMNS / ROW_LANES;
    accumulator part[OWN_ROWS][OWN];
    __device__ __forceinline__ accumulator& at(int i, int j) { return part[i][j]; }
    static __device__ __forceinline__ int column(int j) { return tileX() + ROW_LANES * j; }
};

template <int WIDTH> struct Result {
    static constexpr int OWN = WIDTH / ROW_LANES;
    accumulator part[OWN_ROWS][OWN];
    __device__ __forceinline__ accumulator& at(int i, int j) { return part[i][j]; }
    static __device__ __forceinline__ int column(int j) { return j / 4 * SLICE + 4 * tileX() + j % 4; }
};

struct Space { accumulator *slices, *scores; };
typedef Rows Operand;

static __device__ __forceinline__ Space openSpace(int) {
    DYNAMIC_SHARED(accumulator, shared);
    return {shared, shared + SLICES};
}
template <int ROWS> static __device__ __forceinline__ Operand reserve(Space&) { return {nullptr, 0, 0, 0}; }
template <int ROWS> static __device__ __forceinline__ void stage(Operand& place, const Rows& rows) { place = rows; }
static __device__ __forceinline__ void await() {}
static __device__ __forceinline__ void release() {}
static __device__ __forceinline__ Operand columnsFrom(const Operand& x, int column) {
    return {x.first + column, x.stride, x.count, x.width - column};
}

// Columns [from, from + COLUMNS) of the matrix to shared memory, zeros where there are none.
template <int COLUMNS> static __device__ __forceinline__ void slice(const Operand& x, int from, accumulator* to, int pitch) {
#pragma unroll 4
    for (int i = threadIdx.x; i < TILE_ROWS * COLUMNS; i += THREADS) {
        int row = i / COLUMNS, column = i % COLUMNS;
        bool exists = row < x.count && from + column < x.width;
        to[row * pitch + column] = exists ? widen(x.first[row * x.stride + from + column]) : 0;
    }
}

template <int COLUMNS> static __device__ __forceinline__ void dotProducts(const Space& space, const Operand& a, const Operand& b, Scores<COLUMNS>& s) {
    constexpr int OWN = Scores<COLUMNS>::OWN;
    accumulator* other = space.slices + TILE_ROWS * DEPTH_PITCH;
#pragma unroll
    for (int i = 0; i < OWN_ROWS; i++)
#pragma unroll
        for (int j = 0; j < OWN; j++) s.part[i][j] = 0;
    for (int from = 0; from < a.width; from += DEPTH) {
        __syncthreads();  // all have read what is there
        slice<DEPTH>(a, from, space.slices, DEPTH_PITCH);
        slice<DEPTH>(b, from, other, DEPTH_PITCH);
        __syncthreads();
        int depth = min(DEPTH, a.width - from);
#pragma unroll 1
        for (int k = 0; k < depth; k += PACK) {
            Pack x[OWN_ROWS], y[OWN];
#pragma unroll
            for (int i = 0; i < OWN_ROWS; i++) x[i] = pack(space.slices + tileRow(i) * DEPTH_PITCH + k);
#pragma unroll
            for (int j = 0; j < OWN; j++) y[j] = pack(other + Scores<COLUMNS>::column(j) * DEPTH_PITCH + k);
#pragma unroll
            for (int p = 0; p < PACK; p++)
#pragma unroll
                for (int i = 0; i < OWN_ROWS; i++)
#pragma unroll
                    for (int j = 0; j < OWN; j++) s.part[i][j] += x[i].x[p] * y[j].x[p];
        }
    }
}

// The tile of scores goes by way of shared memory, as each thread needs whole rows of it.
template <int COLUMNS, int WIDTH> static __device__ __forceinline__ void addProducts(const Space& space, const Scores<COLUMNS>& s, const Operand& x, Result<WIDTH>& y) {
    __syncthreads();  // all have read what is there
#pragma unroll
    for (int i = 0; i < OWN_ROWS; i++)
#pragma unroll
        for (int j = 0; j < Scores<COLUMNS>::OWN; j++) space.scores[tileRow(i) * TILE_PITCH + Scores<COLUMNS>::column(j)] = s.part[i][j];
#pragma unroll
    for (int c = 0; c < WIDTH / SLICE; c++) {
        if (c * SLICE >= x.width) break;
        __syncthreads();
        slice<SLICE>(x, c * SLICE, space.slices, SLICE);
        __syncthreads();
#pragma unroll 1
        for (int k = 0; k < x.count; k += PACK) {
            Pack a[OWN_ROWS];
#pragma unroll
            for (int i = 0; i < OWN_ROWS; i++) a[i] = pack(space.scores + tileRow(i) * TILE_PITCH + k);
#pragma unroll
            for (int p = 0; p < PACK; p++)
#pragma unroll
                for (int j = 0; j < 4; j += PACK) {
                    Pack b = pack(space.slices + (k + p) * SLICE + 4 * tileX() + j);
#pragma unroll
                    for (int i = 0; i < OWN_ROWS; i++)
#pragma unroll
                        for (int e = 0; e < PACK; e++) y.part[i][4 * c + j + e] += a[i].x[p] * b.x[e];
                }
        }
    }
}
