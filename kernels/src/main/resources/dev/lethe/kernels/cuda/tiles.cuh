// Products of tiles of matrices, the same for every element type: kernels are written once, over
// what the two headers below define alike. BF16 multiplies on tensor cores; F32 and F64 by plain
// multiply-add.
//
//   TILE_ROWS, THREADS   rows of a tile, and threads of a block
//   ROW_LANES, OWN_ROWS  neighbouring threads that share each row, and rows that a thread has a part of
//   FORWARD_COLUMNS, BACKWARD_COLUMNS  columns of a tile of scores: backward keeps two in registers
//   tileRow(i)           the i-th row of this thread
//   Scores<COLUMNS>, Result<WIDTH>     a thread's part of a tile: at(i, j) is in row tileRow(i) and
//                                      column column(j), j below OWN; at most WIDTH columns are in use
//   Space, Operand       shared memory, and a place for one matrix in it
//
// All threads of the block call these:
//   openSpace(width)         for matrices of `width` columns, the dynamic shared memory
//   reserve<ROWS>(space)     a place for a matrix of ROWS rows
//   stage<ROWS>(place, rows) begins to copy, with zeros for what does not exist
//   await()                  all that was begun is there
//   release()                nobody reads any longer what stage() will overwrite
//   dotProducts(space, a, b, s)  s = a b^T
//   addProducts(space, s, x, y)  y += s x
//   columnsFrom(x, column)       x without its first columns, a multiple of 16 of them
#pragma once
#include "element.cuh"

// A matrix in memory: rows of `width` elements, `stride` apart, of which `count` exist.
struct Rows { const element* first; long long stride; int count, width; };

#if defined(ELEMENT_BF16)
#include "tensortiles.cuh"
#else
#include "plaintiles.cuh"
#endif

template <class Tile> static __device__ __forceinline__ void clear(Tile& y) {
#pragma unroll
    for (int i = 0; i < OWN_ROWS; i++)
#pragma unroll
        for (int j = 0; j < Tile::OWN; j++) y.at(i, j) = 0;
}

template <class Tile> static __device__ __forceinline__ void scaleRow(Tile& y, int i, accumulator by) {
#pragma unroll
    for (int j = 0; j < Tile::OWN; j++) y.at(i, j) *= by;
}

// To `to`, which lies as `layout` does.
template <class Tile> static __device__ __forceinline__ void store(Tile& y, const Rows& layout, element* to) {
#pragma unroll
    for (int i = 0; i < OWN_ROWS; i++) {
        int row = tileRow(i);
#pragma unroll
        for (int j = 0; j < Tile::OWN; j++) {
            int column = Tile::column(j);
            if (row < layout.count && column < layout.width) to[row * layout.stride + column] = narrow(y.at(i, j));
        }
    }
}

// Over the threads that share a row.
static __device__ __forceinline__ accumulator rowMax(accumulator x) {
#pragma unroll
    for (int by = ROW_LANES / 2; by > 0; by /= 2) x = max(x, __shfl_xor_sync(0xffffffffu, x, by));
    return x;
}
static __device__ __forceinline__ accumulator rowSum(accumulator x) {
#pragma unroll
    for (int by = ROW_LANES / 2; by > 0; by /= 2) x += __shfl_xor_sync(0xffffffffu, x, by);
    return x;
}
