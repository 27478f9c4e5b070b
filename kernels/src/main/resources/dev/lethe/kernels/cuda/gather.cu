// Rows of a table by number, and their adjoint without atomics: ids are sorted together with their
// places, and one block adds the rows of one id in the order of the places.
//
// Layout: table [rows, width], ids [count], x and y [count, width], row-major. Keys are
// (id << 32 | place), so that they are distinct and sorting them is stable; `padded`, a power of two
// and at least GATHER_TILE, is their number, the surplus being the largest key.
// An id outside the table gives a row of NaN when gathered, and adds to nothing.
#include "element.cuh"

typedef unsigned long long key;
#define GATHER_TILE 1024  // keys that a block of half as many threads sorts in shared memory
#define GATHER_NONE 0xffffffffffffffffull

// y[i] = table[ids[i]]. Overwrites y. Launch: one dimension of blocks over count * width.
extern "C" __global__ void gather_rows(const element* table, const int* ids, element* y, int rows, int width, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) {
        int id = ids[i / width];
        y[i] = id >= 0 && id < rows ? table[(long long)id * width + i % width] : narrow(notANumber());
    }
}

static __device__ __forceinline__ void order(key& a, key& b, bool ascending) {
    if ((a > b) == ascending) {
        key swapped = a;
        a = b;
        b = swapped;
    }
}

// One step of Batcher's bitonic sort: pairs at `distance`, runs of `length` in turning directions.
static __device__ __forceinline__ void bitonicStep(key* keys, long long offset, int thread, int distance, long long length) {
    int low = thread / distance * 2 * distance + thread % distance;
    order(keys[low], keys[low + distance], ((offset + low) & length) == 0);
}

// keys = those of the ids, each tile of them sorted. Launch: padded / GATHER_TILE blocks of
// GATHER_TILE / 2 threads.
extern "C" __global__ void __launch_bounds__(GATHER_TILE / 2) gather_sort_tiles(const int* ids, int count, long long* keys) {
    __shared__ key tile[GATHER_TILE];
    long long offset = (long long)blockIdx.x * GATHER_TILE;
    for (int i = threadIdx.x; i < GATHER_TILE; i += blockDim.x) {
        long long place = offset + i;
        tile[i] = place < count ? (key)(unsigned)ids[place] << 32 | (unsigned)place : GATHER_NONE;
    }
    __syncthreads();
    for (int length = 2; length <= GATHER_TILE; length *= 2) {
        for (int distance = length / 2; distance > 0; distance /= 2) {
            bitonicStep(tile, offset, threadIdx.x, distance, length);
            __syncthreads();
        }
    }
    for (int i = threadIdx.x; i < GATHER_TILE; i += blockDim.x) keys[offset + i] = (long long)tile[i];
}

// One step at a distance of at least a tile, in place. Launch: padded / GATHER_TILE blocks of
// GATHER_TILE / 2 threads.
extern "C" __global__ void __launch_bounds__(GATHER_TILE / 2) gather_merge_far(long long* keys, long long distance, long long length) {
    long long thread = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    long long low = thread / distance * 2 * distance + thread % distance;
    key a = (key)keys[low], b = (key)keys[low + distance];
    order(a, b, (low & length) == 0);
    keys[low] = (long long)a;
    keys[low + distance] = (long long)b;
}

// The steps at distances below a tile, in place. Launch as gather_sort_tiles.
extern "C" __global__ void __launch_bounds__(GATHER_TILE / 2) gather_merge_tiles(long long* keys, long long length) {
    __shared__ key tile[GATHER_TILE];
    long long offset = (long long)blockIdx.x * GATHER_TILE;
    for (int i = threadIdx.x; i < GATHER_TILE; i += blockDim.x) tile[i] = (key)keys[offset + i];
    __syncthreads();
    for (int distance = GATHER_TILE / 2; distance > 0; distance /= 2) {
        bitonicStep(tile, offset, threadIdx.x, distance, length);
        __syncthreads();
    }
    for (int i = threadIdx.x; i < GATHER_TILE; i += blockDim.x) keys[offset + i] = (long long)tile[i];
}

// table[id] += x[place] for the places of each id in their order; the sum is kept in `accumulator`
// and rounded once a row. Launch: one block a key of the first `count`; all but the first of a run
// of equal ids leave at once.
extern "C" __global__ void gather_add_runs(const long long* keys, const element* x, element* table, int count, int rows, int width) {
    int first = blockIdx.x;
    int id = (int)((key)keys[first] >> 32);
    if (id < 0 || id >= rows || (first > 0 && (int)((key)keys[first - 1] >> 32) == id)) return;
    for (int column = threadIdx.x; column < width; column += blockDim.x) {
        accumulator sum = widen(table[(long long)id * width + column]);
        for (int k = first; k < count && (int)((key)keys[k] >> 32) == id; k++) {
            sum += widen(x[(long long)(unsigned)keys[k] * width + column]);
        }
        table[(long long)id * width + column] = narrow(sum);
    }
}
